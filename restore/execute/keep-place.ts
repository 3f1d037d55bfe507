import { isReopened, makesLayer } from '../plan/reopen.ts';
import type { Action, Plan } from '../plan/step.ts';

/** A file system of the restored machine, where a restore is remembered past a power cut. */
export interface KeepPlace {
  /** '/dev/vda2' */
  device: string;
  /** Words of `mount` before device and mount point. */
  mount: string[];
  /** Steps that fill the file system; before their end what is kept there could be deleted by one of them. */
  filledBy: string[];
}

/** Below the top of that file system. */
export const stateDirectory = '.rekindle-restore';
export const stateFiles = { facts: 'restore.json', journal: 'journal.jsonl' } as const;

/**
 * Where a plan is kept: the outermost file system that can be looked at as the machine starts, / or else /boot. Null where there is
 * none: what lies on arrays, encryption, volume groups or several devices is not there before all of that was put together.
 */
export function keepPlaceOf(plan: Plan): KeepPlace | null {
  const { steps, reopen } = plan;
  if (steps.some(({ id }) => makesLayer(id)) && reopen === undefined && !isReopened(plan)) return null;
  const mounting = steps.find(({ id }) => id === 'mount:target')?.actions ?? [];
  for (const action of mounting) {
    const place = action.type === 'assert-mounted' ? placeOn(plan, mounting, action) : null;
    if (place !== null) return place;
  }
  return null;
}

function placeOn(
  { steps, targets }: Plan,
  mounting: readonly Action[],
  { device, at, devices }: Extract<Action, { type: 'assert-mounted' }>,
): KeepPlace | null {
  if ((devices?.length ?? 0) > 1 || !targets.some(({ disk }) => isOn(device, disk.path))) return null;
  const mount = mounting.find(
    (action) =>
      action.type === 'run' && action.argv[0] === 'mount' && action.argv.slice(-2).join(' ') === `${device} ${at}`,
  );
  if (mount?.type !== 'run' || !keepingTypes.test(typeIn(mount.argv) ?? '')) return null;
  const filledBy = steps.flatMap(({ id, actions }) =>
    actions.some((action) => action.type === 'extract' && action.device === device) ? [id] : [],
  );
  return filledBy.length === 0 ? null : { device, mount: topLevel(mount.argv.slice(0, -2)), filledBy };
}

/** Those that can be looked at without writing, and that keep what was written when the power goes. */
export const keepingTypes = /^(ext[234]|xfs|btrfs|f2fs)$/;

/** Of the words of `mount`. */
function typeIn(words: readonly string[]): string | undefined {
  const at = words.indexOf('-t');
  return at < 0 ? undefined : words[at + 1];
}

/** '/dev/vda2' or '/dev/vda' of '/dev/vda', '/dev/nvme0n1p2' of '/dev/nvme0n1'. */
export function isOn(device: string, disk: string): boolean {
  return device.startsWith(disk) && /^(p?\d+)?$/.test(device.slice(disk.length));
}

/** Of a btrfs the top level, whichever subvolume is the root: there it is found without knowing. */
function topLevel(words: readonly string[]): string[] {
  if (typeIn(words) !== 'btrfs') return [...words];
  const at = words.indexOf('-o') + 1;
  const others = (words[at] ?? '').split(',').filter((option) => !/^subvol(id)?=/.test(option));
  return words.map((word, index) => (at > 0 && index === at ? [...others, 'subvolid=5'].join(',') : word));
}
