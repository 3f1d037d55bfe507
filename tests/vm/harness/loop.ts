import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';

/** Attaches an image with its partitions (this host's kernel reads no tables: partx tells it), and always detaches it. */
export async function withPartitions<T>(image: string, use: (device: string) => Promise<T>): Promise<T> {
  const { stdout } = await run(['losetup', '--show', '-f', image]);
  const device = stdout.trim();
  try {
    await run(['partx', '-a', device], { okExit: [0, 1] });
    return await use(device);
  } finally {
    await run(['partx', '-d', device], { okExit: [0, 1] });
    await run(['losetup', '-d', device]);
  }
}

/** Mounts a device on a fresh directory while `use` runs; what is mounted below goes too. */
export async function withMount<T>(
  device: string,
  options: string,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'rekindle-mount-'));
  try {
    await run(['mount', '-o', options, device, directory]);
    try {
      return await use(directory);
    } finally {
      await run(['umount', '-R', directory]);
    }
  } finally {
    await rmdir(directory);
  }
}
