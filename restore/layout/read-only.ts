import { rmdir } from 'node:fs/promises';
import { makeTemporaryFolder } from '../../common/files/temporary-folder.ts';
import { run } from '../../common/run.ts';

/** How to mount a medium without writing a byte: even a read-only mount would replay a journal. */
export const readOnlyOptions: Readonly<Record<string, string>> = {
  iso9660: 'ro',
  udf: 'ro',
  vfat: 'ro',
  exfat: 'ro',
  ntfs: 'ro',
  // It has no journal, and the kernel refuses `noload` for it.
  ext2: 'ro',
  ext3: 'ro,noload',
  ext4: 'ro,noload',
  xfs: 'ro,norecovery',
  btrfs: 'ro,rescue=nologreplay',
};

/**
 * Of the file systems of a machine, for a short look: the whole of a btrfs, an xfs whose UUID is mounted from another disk. f2fs ends
 * what was deleted while it was open even when it is mounted read-only, but not on a device that nobody can write to.
 */
export const lookOptions: Readonly<Record<string, string>> = {
  ...readOnlyOptions,
  xfs: 'ro,norecovery,nouuid',
  btrfs: 'ro,rescue=nologreplay,subvolid=5',
  f2fs: 'ro,loop,norecovery',
};

/** Looks at a file system that is not mounted; not a bit of it changes. Null when it cannot be mounted so. */
export async function whileReadOnly<T>(
  device: string,
  type: string,
  options: string,
  look: (at: string) => Promise<T>,
): Promise<T | null> {
  const at = await makeTemporaryFolder('rekindle-look-');
  try {
    const argv = ['mount', '-t', type, '-o', `${options},nosuid,nodev,noexec`, device, at] as const;
    if ((await run([...argv], { okExit: [0, 1, 32] })).exitCode !== 0) return null;
    try {
      return await look(at);
    } finally {
      await run(['umount', at]);
    }
  } finally {
    await rmdir(at);
  }
}
