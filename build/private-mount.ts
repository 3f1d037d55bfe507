import { lstat, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MNT_DETACH, mount, mountFlags, umount } from '@rekindle/linux-syscalls';
import { RekindleError } from '../common/errors/error.ts';
import { makeTemporaryFolder } from '../common/files/temporary-folder.ts';
import { markPattern } from '../common/mark-pattern.ts';
import { listMounts } from '../restore/layout/mounts.ts';
import { assertPrivateMounts } from './namespace.ts';
import { markOf, ownerOf } from './process-mark.ts';
import type { Source } from './sources.ts';
import type { VolumeCopy } from './volume-copies.ts';

/** A read-only /run is no reason not to save. */
const places = ['/run', '/tmp', '/var/tmp', '/dev/shm'] as const;
const pattern = new RegExp(`^rekindle-source-${markPattern}-\\w+$`);

/** An empty folder to mount something on. @throws RekindleError RK230 */
export function makeMountFolder(): Promise<string> {
  return makeTemporaryFolder(`rekindle-source-${markOf(process.pid)}-`, places);
}

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
  const directory = await makeMountFolder();
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

/**
 * Removes the empty folders of runs that were killed; their mounts went with their namespaces. One that another namespace has
 * something mounted on would lose it: only where the process is known to be gone.
 */
export async function removeStaleSources(): Promise<void> {
  for (const place of places) {
    for (const name of await readdir(place).catch(() => [])) {
      const mark = pattern.exec(name)?.[1];
      if (mark === undefined || ownerOf(mark) !== 'gone') continue;
      const path = join(place, name);
      const found = await lstat(path).catch(() => null);
      // Not empty, or read-only: it is in nobody's way.
      if (found?.isDirectory() && found.uid === process.geteuid?.()) await rmdir(path).catch(() => undefined);
    }
  }
}
