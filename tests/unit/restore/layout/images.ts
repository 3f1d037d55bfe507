import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../../../common/run.ts';

/** A sparse file of so many bytes in a directory of its own. */
export async function withImages<T>(sizes: readonly number[], use: (...paths: string[]) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'rekindle-images-'));
  try {
    const paths: string[] = [];
    for (const [index, size] of sizes.entries()) {
      const path = join(directory, `${index}.img`);
      const file = await open(path, 'w', 0o600);
      await file.truncate(size);
      await file.close();
      paths.push(path);
    }
    return await use(...paths);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The image as a loop device; other tests share the eight that there are, so it waits for a free one. */
export async function withLoop<T>(image: string, use: (device: string) => Promise<T>): Promise<T> {
  let device = '';
  for (let attempt = 0; device === ''; attempt += 1) {
    const { stdout, exitCode } = await run(['losetup', '--show', '-f', image], { okExit: [0, 1] });
    if (exitCode === 0) device = stdout.trim();
    else if (attempt > 60) throw new Error('no loop device became free');
    else await sleep(1000);
  }
  try {
    return await use(device);
  } finally {
    await run(['partx', '-d', device], { okExit: [0, 1] });
    await run(['losetup', '-d', device]);
  }
}
