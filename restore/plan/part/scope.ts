import { RekindleError } from '../../../common/errors/error.ts';
import { formatBytes } from '../../../common/format.ts';
import { isOnLayer } from '../../layout/graph.ts';
import type { Layout } from '../../layout/schema.ts';
import type { DeviceNames } from '../devices.ts';
import { digestOf } from '../digest.ts';
import { mountable, type Place } from '../fill.ts';
import { type PlanInput, planRestore } from '../plan.ts';
import type { LoadOf } from '../resize/claims.ts';
import { nameToType, type Plan, type Step } from '../step.ts';
import { existingContent, fillableTypes, overExisting, overwritten, subvolumesStep, unfit } from './existing.ts';
import type { FoundContents } from './found.ts';
import { fstabWarnings } from './fstab.ts';
import type { PartScope } from './names.ts';

/** Which steps, by their ids, belong to each part: together all of the whole restore, and `open` where it makes something. */
const stepsOf: Readonly<Record<PartScope, RegExp>> = {
  layout: /^(release|check|wipe|table|md|luks|group|make):|^(rehearse|names|close)$/,
  files: /^(release|check|open|extract|raw|swap-file|lvm|flags|finish):|^(names|mount:target|unmount|close)$/,
  'boot-loader': /^(release|check|open|boot):|^(names|mount:target|prove|log|unmount|close)$/,
};

const warningsOf: Readonly<Record<PartScope, string>> = {
  layout: 'Layout only: afterwards the disks have partitions and empty file systems. The machine does not boot.',
  files: 'Files only: nothing is partitioned or made anew, and no boot loader is installed.',
  'boot-loader': 'Boot loader only: partitions, file systems and files stay as they are.',
};

/**
 * One part of a restore: the steps of the whole one that belong to it, and before files or a boot loader are written the
 * check that the file systems are there. Arrays, encryption and volume groups are opened for it. Pure.
 * @param found what the devices of this machine hold; without it, as on another machine, and behind what is not open yet they
 *   are taken to be as saved
 * @throws RekindleError RK485 to RK487; as planRestore
 */
export function planPart(input: PlanInput, scope: PartScope, found?: FoundContents): Plan {
  const there: Place[] = [];
  const changed: string[] = [];
  const asFound: PlanInput['asFound'] = (places, loadOf, devices) => {
    if (found !== undefined) assertMembers(input.layout, devices, found);
    const fitted = fitPlaces(places, scope, loadOf, found);
    there.push(...fitted.used);
    changed.push(...fitted.warnings);
    return fitted.places;
  };
  const whole = planRestore(scope === 'layout' ? input : { ...input, sizes: {}, asFound });
  const chosen = whole.steps.filter(({ id }) => stepsOf[scope].test(id));
  const steps = scope === 'layout' ? chosen : withChecks(chosen, there, scope, found);
  const { sets, room, sizes, asked, adjustable, pictures, reopen: _reopen, ...plan } = whole;
  return {
    ...plan,
    digest: digestOf(steps),
    steps,
    ...(scope === 'layout' ? definedOf({ room, sizes, asked, adjustable, pictures }) : {}),
    ...(scope === 'files' && sets !== undefined ? { sets } : {}),
    part: { kind: scope, order: { only: scope }, confirm: nameToType(whole) },
    warnings: [warningsOf[scope], ...overwriting(steps), ...changed, ...whole.warnings],
  };
}

/** What of a plan is about sizes, as far as it is there. */
function definedOf(sizing: { [K in Sizing]?: Plan[K] | undefined }): Pick<Plan, Sizing> {
  return Object.fromEntries(Object.entries(sizing).filter(([, value]) => value !== undefined));
}
type Sizing = 'room' | 'sizes' | 'asked' | 'adjustable' | 'pictures';

function overwriting(steps: readonly Step[]): string[] {
  const extracts = steps.flatMap(({ actions }) => actions.filter((action) => action.type === 'extract'));
  const isChain = extracts.some(({ before }) => before !== undefined);
  return extracts.length === 0 ? [] : [`Overwritten: ${overwritten(isChain)}.`];
}

/** What an array, an encryption or a volume group lies on, by blkid's TYPE. */
const memberTypes: Readonly<Record<string, string>> = {
  'array-member': 'linux_raid_member',
  luks: 'crypto_LUKS',
  'group-member': 'LVM2_member',
};

/** Could fail in the middle where nothing was made yet. What lies on other layers is seen when those are open. @throws RekindleError RK486 */
function assertMembers({ nodes }: Layout, devices: DeviceNames, found: FoundContents): void {
  const missing = nodes.flatMap((node) => {
    const wanted = memberTypes[node.content?.kind ?? ''];
    const device = devices.get(node.id) ?? node.id;
    const there = found.get(device);
    if (wanted === undefined || (there === undefined && isOnLayer(node)) || there?.type === wanted) return [];
    return there === undefined
      ? [`${device} is not in this machine`]
      : [`${device} holds ${there.type ?? 'nothing known'}, not ${wanted}`];
  });
  if (missing.length > 0) throw new RekindleError('RK486', missing.join('; '));
}

interface Fitted {
  places: Place[];
  /** Those that are mounted or filled. */
  used: Place[];
  warnings: string[];
}

/** The places on the file systems that are there. @throws RekindleError RK485, RK486, RK487 */
function fitPlaces(places: readonly Place[], scope: PartScope, loadOf: LoadOf, found?: FoundContents): Fitted {
  const mounted = new Set(mountable(places).map(({ place }) => place));
  const isUsed = (place: Place): boolean =>
    place.content.mount !== null && (mounted.has(place) || (scope === 'files' && place.archives.length > 0));
  const fitted: Fitted = { places: [], used: [], warnings: [] };
  const missing: string[] = [];
  for (const place of places) {
    const there = isUsed(place) && found !== undefined ? fitPlace(place, found) : place;
    if (typeof there === 'string') missing.push(there);
    else fitted.places.push(there);
    if (typeof there === 'string') continue;
    if (scope === 'files' && isRaw(place)) fitted.used.push(rawPlace(place, found));
    if (!isUsed(place)) continue;
    fitted.used.push(there);
    const sizeBytes = sizeOf(place, found);
    const { bytes } = loadOf(place.node);
    if (scope === 'files' && sizeBytes !== null && bytes > sizeBytes)
      throw new RekindleError(
        'RK485',
        `${place.device} has ${formatBytes(sizeBytes)}, the files need ${formatBytes(bytes)}`,
      );
    const { mount, uuid } = there.content;
    if (found !== undefined && mount !== null)
      fitted.warnings.push(...fstabWarnings(place.node, place.device, { type: mount.type, uuid }));
  }
  if (missing.length > 0) throw new RekindleError('RK486', missing.join('; '));
  return fitted;
}

/** Null: not known before it is there. */
function sizeOf({ device, node }: Place, found: FoundContents | undefined): number | null {
  return found?.get(device)?.sizeBytes ?? (found !== undefined && isOnLayer(node) ? null : node.sizeBytes);
}

function isRaw({ archives }: Place): boolean {
  return archives.some(({ method }) => method !== undefined);
}

/** @throws RekindleError RK485, RK486 */
function rawPlace(place: Place, found?: FoundContents): Place {
  if (found === undefined) return place;
  const there = found.get(place.device);
  if (there === undefined && isOnLayer(place.node)) return place;
  if (there === undefined) throw new RekindleError('RK486', `${place.device} is not in this machine`);
  if (there.sizeBytes >= place.node.sizeBytes) return place;
  const needed = formatBytes(place.node.sizeBytes);
  throw new RekindleError('RK485', `${place.device} has ${formatBytes(there.sizeBytes)}, the copy needs ${needed}`);
}

/** A sentence where it is not there. @throws RekindleError RK487 */
function fitPlace(place: Place, found: FoundContents): Place | string {
  const { device, node, content } = place;
  const there = found.get(device);
  if (there === undefined && isOnLayer(node)) return place;
  const what = `${device}${node.mount === null ? '' : ` for ${node.mount.at}`}`;
  if (there === undefined) return `${what} is not in this machine`;
  const { type, uuid } = there;
  if (type === null || !fillableTypes.includes(type)) return `${what} holds ${type ?? 'no file system'}`;
  const why = unfit(place, type);
  if (why !== null) throw new RekindleError('RK487', `${what} holds ${type}: ${why}`);
  const isSame = content.mount?.type === type && content.uuid?.toLowerCase() === uuid?.toLowerCase();
  return isSame ? place : { ...place, content: existingContent(type, uuid) };
}

/** When all is open the file systems are compared; what is filled says what becomes of the files that are there. */
function withChecks(steps: readonly Step[], used: readonly Place[], scope: PartScope, found?: FoundContents): Step[] {
  const before = steps.filter(({ id }) => /^(release|check|open):|^names$/.test(id));
  const rest = steps.filter((step) => !before.includes(step));
  const contents: Step = {
    id: 'check:file-systems',
    title: 'check that the file systems are there, and used by nobody',
    target: 'all',
    destroys: null,
    actions: used.map((place) => ({
      type: 'assert-device',
      device: place.device,
      sizeBytes: sizeOf(place, found),
      // What was copied as it is replaces whatever is there.
      holds: place.content.mount === null ? null : { type: place.content.mount.type, uuid: place.content.uuid },
    })),
    weightBytes: 0,
  };
  const subvolumes = used.flatMap((place) => subvolumesStep(place, place.archives) ?? []);
  return [...before, contents, ...(scope === 'files' ? [...subvolumes, ...rest.map(overExisting)] : rest)];
}
