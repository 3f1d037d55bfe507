import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { execa } from 'execa';
import { cleanEnvironment } from '../../common/run.ts';

/** Copies a kernel module; a compressed one is unpacked, for our loader wants plain files. */
export async function writeModule(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  if (source.endsWith('.gz')) await writeFile(target, await promisify(gunzip)(await readFile(source)));
  else if (source.endsWith('.zst')) await writeFile(target, await promisify(zstdDecompress)(await readFile(source)));
  else if (source.endsWith('.xz')) {
    const { stdout } = await execa('xz', ['-dc', source], {
      encoding: 'buffer',
      extendEnv: false,
      env: cleanEnvironment,
    });
    await writeFile(target, stdout);
  } else await copyFile(source, target);
}
