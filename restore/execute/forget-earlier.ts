import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportOf } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { listMounts } from '../layout/mounts.ts';
import type { Plan } from '../plan/step.ts';
import { lookAt } from './find-interrupted.ts';
import { overwriteState } from './kept-on-target.ts';
import { log } from './log.ts';
import { provenLines } from './remembered.ts';

/**
 * Before a restore begins anew: an earlier one that did not end left on these disks what this key sealed. New file systems would
 * not overwrite it; dug out of the free space and put back it would be believed later. What cannot be overwritten stops nothing.
 */
export async function forgetEarlier({ targets }: Plan, key: Buffer | null): Promise<void> {
  if (key === null) return;
  const mounted = new Set((await listMounts()).map(({ source }) => source.replace(/\[.*\]$/, '')));
  for (const { disk } of targets)
    for (const device of disk.partitions?.length ? disk.partitions : [disk.path])
      if (!mounted.has(device))
        await forgetOn(device, key).catch((error: unknown) => {
          log(`${device}: what an earlier restore left there was not overwritten: ${reportOf(error).cause}`);
        });
}

async function forgetOn(device: string, key: Buffer): Promise<void> {
  const remembered = await lookAt(device);
  // Written to only where it is ours beyond doubt.
  if (remembered === null || provenLines(remembered, key) === null) return;
  const at = await mkdtemp(join(tmpdir(), 'rekindle-forget-'));
  try {
    await run(['mount', '-o', 'nosuid,nodev,noexec', device, at]);
    try {
      await overwriteState(at);
      await run(['sync', '--file-system', at]);
    } finally {
      await run(['umount', at]);
    }
  } finally {
    await rmdir(at);
  }
  log(`${device}: an earlier restore that did not end is forgotten`);
}
