import { RekindleError } from '../common/errors/error.ts';
import type { RecoverySet } from '../restore/archive/open-set.ts';
import { freshTypeNames, partScopes } from '../restore/plan/part/names.ts';
import type { FileSystemOrder, PartOrder } from '../restore/plan/part/order.ts';
import type { Plan } from '../restore/plan/step.ts';

/** Flags of `plan` that choose a part of a restore. */
export interface PartFlags {
  target: string[];
  only?: string;
  fileSystem?: string;
  device?: string;
  /** True: as it was saved. */
  make?: string | true;
}

/** What the flags mean; null for the whole machine. @throws RekindleError RK005 */
export function partOf({ only, fileSystem, device, make, target }: PartFlags): PartOrder | null {
  const isOne = fileSystem !== undefined || device !== undefined || make !== undefined;
  if (only !== undefined) {
    const scope = partScopes.find((each) => each === only);
    if (scope === undefined) throw wrong(`--only ${only}: no such part; there are ${partScopes.join(', ')}`);
    if (isOne) throw wrong('--only and --file-system exclude each other');
    return { only: scope };
  }
  if (!isOne) return null;
  if (fileSystem === undefined || device === undefined) throw wrong('--file-system and --device belong together');
  if (typeof make === 'string' && ![...freshTypeNames, 'raw'].includes(make))
    throw wrong(`--make ${make}: no such type; there are ${makeTypes}`);
  if (target.length > 0) throw wrong('--file-system goes onto --device, not onto a --target');
  return { fileSystem, device, make: make === undefined ? null : make === true ? 'same' : make };
}

function wrong(reason: string): RekindleError {
  return new RekindleError('RK005', reason);
}

/** Types that `--make` takes, for its help. */
export const makeTypes = freshTypeNames.join(', ');

/** One file system onto a device of this machine; what is on it is only known to root. @throws RekindleError RK002; as planOne */
export async function planOneHere(
  set: RecoverySet,
  bases: readonly RecoverySet[],
  order: FileSystemOrder,
): Promise<Plan> {
  const { findMediumDevices } = await import('../restore/execute/medium.ts');
  const { planOne } = await import('../restore/execute/planning.ts');
  const { info, manifest, layout } = set;
  if (manifest === null || layout === null)
    throw new RekindleError('RK403', `set ${info.set} of ${info.machine.hostname}`);
  if (!isRoot()) throw new RekindleError('RK002', `to see what ${order.device} holds`);
  const folders = [...set.volumes.values()].flatMap(({ directory }) => directory ?? []);
  // Seldom a medium: the set may lie in any folder of this machine.
  const medium = { mediumDevices: await findMediumDevices(folders), mediumWords: 'the backup lies on its disk' };
  return planOne({ set: info, manifest, layout, bases }, order, medium);
}

export const unknownContents = 'Only root can look at what is on the devices: nobody did.';

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
