import { mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MNT_DETACH, mount, mountFlags, umount } from '@rekindle/linux-syscalls';
import { RekindleError } from '../common/errors/error.ts';
import { listMounts } from '../restore/layout/mounts.ts';
import { assertPrivateMounts } from './namespace.ts';
import { isAlive, markOf, markPattern } from './process-mark.ts';
import type { Source } from './sources.ts';
import type { VolumeCopy } from './volume-copies.ts';

/**
 * Shows a file system or a subvolume alone, with what lies under its mount points: by a non-recursive bind mount, or by a mount of
 * that subvolume (its number), or of a copy of either. It is read-only, private to our mount namespace, and never inside a folder that is removed with all it holds.
 */
export async function withPrivateMount<T>(
  source: Source,
  { subvolume, copy }: { subvolume?: number | undefined; copy?: VolumeCopy | undefined },
  use: (directory: string) => Promise<T>,
): Promise<T> {
  assertPrivateMounts();
  const { MS_BIND, MS_RDONLY, MS_REMOUNT } = mountFlags;
  const directory = await mkdtemp(`/run/rekindle-source-${markOf(process.pid)}-`);
  try {
    if (copy !== undefined) mount(copy.device, directory, copy.type, MS_RDONLY, copy.options);
    else if (subvolume === undefined) mount(source.mountPoint, directory, '', MS_BIND);
    else mount(await deviceOf(source), directory, 'btrfs', MS_RDONLY, `subvolid=${subvolume}`);
    try {
      if (subvolume === undefined && copy === undefined) mount('', directory, '', MS_REMOUNT | MS_BIND | MS_RDONLY);
      return await use(directory);
    } finally {
      umount(directory, MNT_DETACH);
    }
  } finally {
    await rmdir(directory);
  }
}

/** What the kernel has mounted where the source's file system is; of several devices any will do. @throws RekindleError RK417 */
export async function deviceOf({ node }: Pick<Source, 'node'>): Promise<string> {
  const at = node.mount?.at;
  const found = (await listMounts()).findLast(({ target }) => target === at);
  if (found === undefined) throw new RekindleError('RK417', `${at} is no longer mounted`);
  return found.source.replace(/\[.*\]$/, '');
}

/** Removes the empty folders of runs that were killed; their mounts went with their namespaces. */
export async function removeStaleSources(): Promise<void> {
  for (const name of await readdir('/run')) {
    const mark = new RegExp(`^rekindle-source-${markPattern}-\\w+$`).exec(name)?.[1];
    if (mark !== undefined && !isAlive(mark)) await rmdir(join('/run', name));
  }
}
