import { RekindleError } from '../../common/errors/error.ts';
import { assertChains, type SetAtHand } from '../archive/incremental/chain.ts';
import type { Archive, Manifest, SetInfo } from '../archive/set-schema.ts';
import type { Here } from '../bootloader/firmware.ts';
import { planBoot } from '../bootloader/plan.ts';
import { isOnLayer } from '../layout/graph.ts';
import type { Layout } from '../layout/schema.ts';
import { swapFileSteps, swapFileWarnings } from '../layout/swap-file.ts';
import { type Assignment, assignTargets, type TargetChoice } from './assign.ts';
import { before, type Chains, setsOf } from './chains.ts';
import { type DeviceNames, deviceNames } from './devices.ts';
import { planDigest } from './digest.ts';
import {
  devicesFileStep,
  extractStep,
  flagsStep,
  lastSteps,
  makeStep,
  mountAllStep,
  type Place,
  proveStep,
  unmountStep,
} from './fill.ts';
import { copyLogStep } from './log-step.ts';
import { tableStep } from './partition.ts';
import { pictureOf } from './picture.ts';
import { placesOf } from './places.ts';
import { checkStep, namesStep, rehearseStep, releaseStep } from './prepare.ts';
import { adjustableNodes, describeChange } from './resize/changes.ts';
import { type LoadOf, loadFrom } from './resize/claims.ts';
import { leastBytes, type Resized, resizeLayout } from './resize/resize.ts';
import { targetRoot } from './roots.ts';
import { savedNames } from './saved-names.ts';
import { neededBytes } from './size.ts';
import { closeStep, planStack, type Stack } from './stack.ts';
import type { Plan, Sizes, Step } from './step.ts';
import { contentWarnings, diskWarnings, movedWarnings, roomWarnings } from './warnings.ts';
import { wipeStep } from './wipe.ts';

export interface PlanInput {
  set: SetInfo;
  /** Null on a rescue-only medium. */
  manifest: Manifest | null;
  layout: Layout;
  /** Sets at hand that an incremental one may build on. */
  bases?: readonly SetAtHand[];
  /** Which saved disk (layout id) goes onto which disk of this machine. */
  targets: readonly TargetChoice[];
  /** This machine's firmware (`probeHere()`); without it no boot entries are written. */
  here?: Here;
  /** What becomes of a larger disk, and sizes that a person asked for; 'keep' and none where absent. */
  sizes?: Sizes;
  /** Where file systems are there already, as they are; what they lie on is opened, not made. */
  asFound?: (places: readonly Place[], loadOf: LoadOf, devices: DeviceNames) => Place[];
}

/**
 * Everything that a restore will do, as data; asks nothing and changes nothing.
 * @throws RekindleError RK351-RK355, RK401-RK409 and RK420 when it cannot be done, before anything was touched.
 */
export function planRestore(input: PlanInput): Plan {
  const { set, manifest, here } = input;
  if (manifest === null) throw new RekindleError('RK403', `set ${set.set} of ${set.machine.hostname}`);
  // A broken chain is refused before anything else.
  const chains = assertChains<SetAtHand>({ info: set, manifest }, input.bases ?? []);
  const loadOf = loadFrom([manifest, ...(input.bases ?? []).flatMap((base) => base.manifest ?? [])]);
  const { layout, changes } = sizedLayout(input, loadOf);
  const assignments = assignTargets(layout, input.targets, () => 0);
  const devices = deviceNames(layout, assignments);
  const saved = placesOf(layout, manifest, devices);
  const places = input.asFound?.(saved, loadOf, devices) ?? saved;
  const stack = planStack(layout, devices, here?.memoryBytes ?? null, input.asFound !== undefined);
  const boot = planBoot({
    layout,
    places,
    here,
    diskOf: (source) => assignments.find(({ saved }) => saved.id === source)?.disk,
    partitionIdOf: (node) => partitionIdOf(layout, assignments, node),
  });
  const proof = proveStep(
    assignments.map(({ disk }) => disk.path),
    savedNames(layout, devices, assignments),
  );
  const steps = [
    ...prepareSteps(assignments, places, stack),
    ...stack.steps,
    ...places.filter(({ content }) => content.make.length > 0).map(makeStep),
    ...fillSteps(places, chains),
    ...finishSteps(layout, places, boot.steps, stack, proof),
  ];
  const reopen = stack.reopen === null ? {} : { reopen: stack.reopen };
  return {
    set: set.set,
    digest: planDigest({ steps, ...reopen }),
    targets: assignments.map(({ saved, disk }) => ({ source: saved.id, disk })),
    steps,
    sizes: changes.map(describeChange),
    ...(input.sizes === undefined ? {} : { asked: input.sizes }),
    adjustable: adjustableNodes(input.layout, layout, loadOf),
    pictures: picturesOf(input, layout),
    ...(isRoomy(input) ? { room: input.sizes?.larger === 'fill' ? 'filled' : 'kept' } : {}),
    ...(manifest.base ? { sets: setsOf(chains, set.machine.hostname) } : {}),
    ...(stack.secrets.length === 0 ? {} : { secrets: stack.secrets }),
    ...reopen,
    warnings: [
      ...diskWarnings(assignments, here),
      ...contentWarnings(layout, places),
      // What is there stays as it is, and was compared with what it gets.
      ...(input.asFound === undefined ? [...roomWarnings(places, loadOf), ...movedWarnings(input.layout, layout)] : []),
      ...swapFileWarnings(layout.swapFiles ?? []),
      ...stack.warnings,
      ...boot.warnings,
    ],
  };
}

/** Whether a chosen disk has more than what was on the saved one needs, by more than alignment takes. */
function isRoomy({ layout, targets }: PlanInput): boolean {
  return targets.some(({ source, disk }) => {
    const saved = layout.disks.find(({ id }) => id === source);
    return saved !== undefined && disk.sizeBytes - Math.max(saved.sizeBytes, neededBytes(saved)) > 4 * 2 ** 20;
  });
}

/** The layout as it comes back on disks of these sizes. */
function sizedLayout({ layout, targets, sizes }: PlanInput, loadOf: LoadOf): Resized {
  assignTargets(layout, targets, (saved) => leastBytes(layout, loadOf, saved));
  const disks = targets.map(({ source, disk }) => ({ source, sizeBytes: disk.sizeBytes }));
  const wishes = new Map(Object.entries(sizes?.wishes ?? {}));
  return resizeLayout({ layout, loadOf, disks, larger: sizes?.larger ?? 'keep', wishes });
}

/** @param after the layout as it comes back */
function picturesOf({ layout, targets }: PlanInput, after: Layout): Plan['pictures'] {
  return targets.flatMap(({ source, disk }) => {
    const [was, will] = [layout, after].map(({ disks }) => disks.find(({ id }) => id === source));
    if (was === undefined || will === undefined) return [];
    return { source, before: pictureOf(layout, was), after: pictureOf(after, will, disk.sizeBytes) };
  });
}

/** All disks are checked before the first of them is wiped. */
function prepareSteps(assignments: readonly Assignment[], places: readonly Place[], stack: Stack): Step[] {
  const rehearsal = rehearseStep(places);
  const names = namesStep(stack.steps);
  return [
    ...assignments.map(({ saved, disk }) => releaseStep(saved.id, disk)),
    ...(rehearsal === null ? [] : [rehearsal]),
    ...(names === null ? [] : [names]),
    // After the release: it also refuses a disk that is still in use.
    ...assignments.map(({ saved, disk }) => checkStep(saved.id, disk)),
    ...assignments.map(({ saved, disk, table }) => wipeStep(saved.id, disk, table)),
    ...assignments.flatMap(({ saved, disk, table }) =>
      table === null ? [] : [tableStep(saved.id, disk, table, saved)],
    ),
  ];
}

/**
 * Where a restore is remembered past a power cut comes first: / and /boot on plain partitions. Then what a machine needs to run, and
 * what people miss first; what only keeps earlier states, such as subvolumes that nothing mounts, comes last.
 */
function fillSteps(places: readonly Place[], chains: Chains): Step[] {
  return places
    .flatMap((place) => place.archives.map((archive) => ({ place, archive, rank: rankOf(archive) })))
    .toSorted(
      (left, right) =>
        Number(remembers(right)) - Number(remembers(left)) ||
        left.rank - right.rank ||
        (left.archive.mountPoint < right.archive.mountPoint ? -1 : 1),
    )
    .map(({ place, archive }) => extractStep(place, archive, before(chains, archive)));
}

function remembers({ place, rank }: { place: Place; rank: number }): boolean {
  return rank <= 1 && !isOnLayer(place.node);
}

function rankOf({ mountPoint, method }: Archive): number {
  if (mountPoint === '/') return 0;
  if (/^\/(boot|efi)(\/|$)/.test(mountPoint)) return 1;
  if (/^\/(usr|var)$/.test(mountPoint)) return 2;
  if (/^\/home(\/|$)/.test(mountPoint)) return 3;
  return method !== undefined || mountPoint.startsWith('/.subvolumes/') ? 5 : 4;
}

/** Inode flags come last but the log: an immutable file could not be touched by the boot loader. */
function finishSteps(
  layout: Layout,
  places: readonly Place[],
  boot: readonly Step[],
  stack: Stack,
  proof: Step,
): Step[] {
  const flags = places.flatMap((place) =>
    place.archives.filter(({ attributes }) => attributes > 0).map((archive) => flagsStep(place, archive)),
  );
  const devicesFile = layout.lvmDevicesFile === true ? [devicesFileStep()] : [];
  const close = closeStep(stack);
  return [
    mountAllStep(places),
    ...swapFileSteps(layout.swapFiles ?? [], targetRoot),
    ...devicesFile,
    ...boot,
    ...flags,
    proof,
    copyLogStep(layout, places),
    unmountStep(places),
    ...lastSteps(places),
    ...(close === null ? [] : [close]),
  ];
}

function partitionIdOf(layout: Layout, assignments: readonly Assignment[], id: string): string | null {
  const origin = layout.nodes.find((candidate) => candidate.id === id)?.origin;
  if (origin?.type !== 'partition') return null;
  const table = assignments.find(({ saved }) => saved.id === origin.disk)?.table;
  return table?.partitions.find(({ number }) => number === origin.number)?.id ?? null;
}
