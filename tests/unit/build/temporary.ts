import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { run } from '../../../common/run.ts';

/** A folder that goes away with the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rekindle-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A small ext4 file system on a loop device, mounted until the test ends. */
export async function smallFileSystem(megabytes: number): Promise<string> {
  const directory = await temporaryDirectory();
  const mountPoint = join(directory, 'mnt');
  const image = join(directory, 'image');
  await run(['truncate', '-s', `${megabytes}M`, image]);
  await run(['mkfs.ext4', '-q', '-m', '0', image]);
  await run(['mkdir', mountPoint]);
  await run(['mount', '-o', 'loop', image, mountPoint]);
  onTestFinished(async () => {
    await run(['umount', '--recursive', mountPoint], { okExit: [0, 1, 32] });
  });
  return mountPoint;
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
