import { runs } from '../layout/layer.ts';
import type { Place } from './fill.ts';
import type { Action, Step, TargetDisk } from './step.ts';

/** Refuses another disk than the chosen one. */
export function assertDisk({ path, sizeBytes, serial, wwn }: TargetDisk): Action {
  return { type: 'assert-disk', device: path, sizeBytes, serial, wwn };
}

export function checkStep(id: string, disk: TargetDisk): Step {
  return {
    id: `check:${id}`,
    title: 'check that it is still the chosen disk',
    target: disk.name,
    destroys: null,
    actions: [assertDisk(disk)],
    weightBytes: 0,
  };
}

export function releaseStep(id: string, disk: TargetDisk): Step {
  return {
    id: `release:${id}`,
    title: 'release what holds the disk',
    target: disk.name,
    destroys: null,
    actions: [{ type: 'release-disk', device: disk.path }],
    weightBytes: 0,
  };
}

/**
 * After the disks were released, for their own old arrays and volumes may have these names. Null where nothing has a name.
 * @param stack steps that make arrays, encryption and volume groups
 */
export function namesStep(stack: readonly Step[]): Step | null {
  const devices = stack.flatMap(({ actions }) =>
    actions.flatMap((action) => (action.type === 'await-node' ? action.device : [])),
  );
  if (devices.length === 0) return null;
  return {
    id: 'names',
    title: 'check that the names of arrays and volumes are free',
    target: 'all',
    destroys: null,
    actions: [{ type: 'assert-free', devices }],
    weightBytes: 0,
  };
}

/** Tries each file system's parameters with this rescue's tools while the old disk is still whole. */
export function rehearseStep(places: readonly Place[]): Step | null {
  const actions = places.flatMap(({ content }) => content.rehearse);
  if (actions.length === 0) return null;
  return {
    id: 'rehearse',
    title: 'try that the file systems can be made',
    target: 'memory',
    destroys: null,
    actions: [runs(['mkdir', '-p', '/run/rekindle']), ...actions],
    weightBytes: 0,
  };
}
