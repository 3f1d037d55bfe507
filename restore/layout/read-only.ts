import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../common/run.ts';

/** How to mount without writing a byte: even a read-only mount would replay a journal. */
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
  f2fs: 'ro,norecovery',
};

/** Looks at a file system that is not mounted; not a bit of it changes. Null when it cannot be mounted so. */
export async function whileReadOnly<T>(
  device: string,
  type: string,
  options: string,
  look: (at: string) => Promise<T>,
): Promise<T | null> {
  const at = await mkdtemp(join(tmpdir(), 'rekindle-look-'));
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
