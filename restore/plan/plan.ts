import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes } from '../../common/format.ts';
import { describeSet } from '../archive/incremental/chain.ts';
import type { Manifest, SetInfo } from '../archive/set-schema.ts';
import type { Here } from '../bootloader/firmware.ts';
import { planBoot } from '../bootloader/plan.ts';
import type { Layout } from '../layout/schema.ts';
import { swapFileSteps, swapFileWarnings } from '../layout/swap-file.ts';
import { type Assignment, assignTargets, type TargetChoice } from './assign.ts';
import { deviceNames } from './devices.ts';
import { digestOf } from './digest.ts';
import {
  copyLogStep,
  devicesFileStep,
  extractStep,
  flagsStep,
  lastSteps,
  makeStep,
  mountAllStep,
  type Place,
  targetRoot,
  unmountStep,
} from './fill.ts';
import { tableStep } from './partition.ts';
import { placesOf } from './places.ts';
import { checkStep, rehearseStep, releaseStep } from './prepare.ts';
import { neededBytes } from './size.ts';
import { closeStep, planStack, type Stack } from './stack.ts';
import type { Plan, Step } from './step.ts';
import { wipeStep } from './wipe.ts';

export interface PlanInput {
  set: SetInfo;
  /** Null on a rescue-only medium. */
  manifest: Manifest | null;
  layout: Layout;
  /** Which saved disk (layout id) goes onto which disk of this machine. */
  targets: readonly TargetChoice[];
  /** This machine's firmware (`probeHere()`); without it no boot entries are written. */
  here?: Here;
}

/**
 * Everything that a restore will do, as data; asks nothing and changes nothing.
 * @throws RekindleError RK401-RK409 and RK420 when it cannot be done, before anything was touched.
 */
export function planRestore(input: PlanInput): Plan {
  const { set, manifest, layout, here } = input;
  if (manifest === null) throw new RekindleError('RK403', `set ${set.set} of ${set.machine.hostname}`);
  if (manifest.base)
    throw new RekindleError(
      'RK356',
      `made ${set.createdAt}; a restore needs ${describeSet(manifest.base.set, manifest.base.createdAt, manifest.base.level)}, too`,
    );
  const assignments = assignTargets(layout, input.targets);
  const devices = deviceNames(layout, assignments);
  const places = placesOf(layout, manifest, devices);
  const stack = planStack(layout, devices, here?.memoryBytes ?? null);
  const boot = planBoot({
    layout,
    places,
    here,
    diskOf: (source) => assignments.find(({ saved }) => saved.id === source)?.disk,
    partitionIdOf: (node) => partitionIdOf(layout, assignments, node),
  });
  const steps = [
    ...prepareSteps(assignments, places),
    ...stack.steps,
    ...places.filter(({ content }) => content.make.length > 0).map(makeStep),
    ...fillSteps(places),
    ...finishSteps(layout, places, boot.steps, stack),
  ];
  return {
    set: set.set,
    digest: digestOf(steps),
    targets: assignments.map(({ saved, disk }) => ({ source: saved.id, disk })),
    steps,
    ...(stack.secrets.length === 0 ? {} : { secrets: stack.secrets }),
    warnings: [
      ...diskWarnings(assignments, here),
      ...contentWarnings(layout, places),
      ...swapFileWarnings(layout.swapFiles ?? []),
      ...stack.warnings,
      ...boot.warnings,
    ],
  };
}

/** All disks are checked before the first of them is wiped. */
function prepareSteps(assignments: readonly Assignment[], places: readonly Place[]): Step[] {
  const rehearsal = rehearseStep(places);
  return [
    ...assignments.map(({ saved, disk }) => releaseStep(saved.id, disk)),
    ...(rehearsal === null ? [] : [rehearsal]),
    // After the release: it also refuses a disk that is still in use.
    ...assignments.map(({ saved, disk }) => checkStep(saved.id, disk)),
    ...assignments.map(({ saved, disk, table }) => wipeStep(saved.id, disk, table)),
    ...assignments.flatMap(({ saved, disk, table }) =>
      table === null ? [] : [tableStep(saved.id, disk, table, saved)],
    ),
  ];
}

function fillSteps(places: readonly Place[]): Step[] {
  return places
    .flatMap((place) => place.archives.map((archive) => ({ place, archive })))
    .toSorted((left, right) => (left.archive.mountPoint < right.archive.mountPoint ? -1 : 1))
    .map(({ place, archive }) => extractStep(place, archive));
}

/** Inode flags come last but the log: an immutable file could not be touched by the boot loader. */
function finishSteps(layout: Layout, places: readonly Place[], boot: readonly Step[], stack: Stack): Step[] {
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
    copyLogStep(),
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

function diskWarnings(assignments: readonly Assignment[], here: Here | undefined): string[] {
  const targets = new Set(assignments.map(({ disk }) => disk.path));
  return assignments.flatMap(({ saved, disk, table }) => {
    const warnings: string[] = [];
    if (disk.sizeBytes > saved.sizeBytes) {
      const unused = formatBytes(disk.sizeBytes - neededBytes(saved));
      warnings.push(`${disk.name} is larger than the saved ${saved.name}: ${unused} at its end stay unused.`);
    }
    const ids = new Set((table?.partitions ?? []).map(({ id }) => id.toLowerCase()));
    const twin = here?.partitionIds.find(({ disk: on, id }) => !targets.has(on) && ids.has(id));
    if (twin !== undefined) {
      warnings.push(`${twin.disk} has the same ids as the saved ${saved.name}. Take it out before the first boot.`);
    }
    return warnings;
  });
}

function contentWarnings(layout: Layout, places: readonly Place[]): string[] {
  const lost = layout.nodes.flatMap(({ id, notSaved }) =>
    notSaved === undefined ? [] : [`Partition ${id} held ${notSaved}, which is not in the set: it comes back empty.`],
  );
  const unfilled = places
    .filter(({ archives, content }) => archives.length === 0 && content.mount !== null)
    .map(({ node, content }) => {
      const where = node.mount === null ? 'it was not mounted when saved' : `mounted on ${node.mount.at}`;
      return `Partition ${node.id} (${content.name}, ${where}) has no archive in the set: it comes back empty.`;
    });
  return [...lost, ...unfilled, ...places.flatMap(({ content }) => content.notes)];
}
