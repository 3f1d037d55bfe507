import { open } from 'node:fs/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import type { Plan, Step } from '../plan/step.ts';
import { devicesOn } from './disk-actions.ts';

/** The disks that a plan writes to: those that it compares before it does. */
export function disksOf(plan: Plan): string[] {
  const disks = plan.steps.flatMap(({ actions }) =>
    actions.flatMap((action) => (action.type === 'assert-disk' ? action.device : [])),
  );
  return [...new Set(disks)];
}

const reading = new Set([
  'assert-disk',
  'assert-device',
  'assert-free',
  'release-disk',
  'await-node',
  'assert-mounted',
  'prove',
]);

/** Whether a step may have changed anything on a disk. */
export function writes({ actions }: Step): boolean {
  return actions.some(({ type }) => !reading.has(type));
}

/**
 * When it returns, nothing that was written to these disks is only in memory: not of a file system on them, not of a
 * device that stands on them, not in a disk's own cache (fsync(2) of a block device makes the disk empty it).
 * @throws RekindleError RK471 naming what could not be written
 */
export async function flushDisks(disks: readonly string[]): Promise<void> {
  for (const disk of disks) {
    for (const { path, mountpoints } of await devicesOn(disk)) {
      for (const at of mountpoints) if (at?.startsWith('/')) await run(['sync', '--file-system', at]);
      await flushDevice(path, path === disk);
    }
  }
}

async function flushDevice(path: string, isDisk: boolean): Promise<void> {
  try {
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // A partition of the old table goes when the kernel reads the new one.
    if (!isDisk && ['ENOENT', 'ENXIO'].includes(code)) return;
    throw new RekindleError('RK471', `${path}: ${code || String(error)}`, { cause: error });
  }
}
