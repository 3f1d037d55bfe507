import { posix } from 'node:path';
import { run } from '../../../common/run.ts';
import type { MountedAt } from '../mounted-at.ts';

/** By the device of each btrfs; one that cannot be asked is left out. @param directory where the system is mounted */
export async function readDefaultSubvolumes(
  mounts: readonly MountedAt[],
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { at, device, type } of mounts) {
    if (type !== 'btrfs' || found.has(device)) continue;
    const { stdout } = await run(['btrfs', 'subvolume', 'get-default', posix.join(directory, at)]).catch(() => ({
      stdout: '',
    }));
    const path = parseDefaultSubvolume(stdout);
    if (path !== null) found.set(device, path);
  }
  return found;
}

/** 'ID 258 gen 100 top level 257 path @/.snapshots/1/snapshot'; 'ID 5 (FS_TREE)' is the top. */
export function parseDefaultSubvolume(text: string): string | null {
  if (/^ID 5\b/.test(text)) return '/';
  const path = /^ID \d+ .*?\bpath (.+)$/m.exec(text)?.[1];
  return path === undefined ? null : posix.join('/', path);
}
