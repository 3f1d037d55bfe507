import { execFileSync } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSmallSet } from '../fixtures/small-set.ts';
import { alone, type Figure } from './figure.ts';
import { alternate } from './lab.ts';

const mebibyte = 1 << 20;

/** Half of the bytes are noise, half are text; a tenth of the files are small. */
function makeTree(source: string, gigabytes: number): void {
  const noise = Buffer.alloc(mebibyte);
  const text = Buffer.alloc(mebibyte, 'The quick brown fox jumps over the lazy dog. ');
  for (let index = 0; index < gigabytes * 1000; index += 1) {
    const folder = join(source, `folder-${Math.floor(index / 100)}`);
    if (index % 100 === 0) mkdirSync(folder);
    const cipher = createCipheriv('aes-128-ctr', randomBytes(16), Buffer.alloc(16));
    writeFileSync(join(folder, `file-${index}`), index % 2 === 0 ? cipher.update(noise) : text);
    for (let small = 0; small < 10; small += 1) writeFileSync(join(folder, `small-${index}-${small}`), `${index}\n`);
  }
}

/** One file out of a large set, with the built binary: from its start to its end, nothing of it in the cache. */
export async function measureExtract(root: string, runs: number, gigabytes: number): Promise<Figure[]> {
  const work = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
  try {
    const source = join(work, 'source');
    mkdirSync(source);
    makeTree(source, gigabytes);
    const set = await makeSmallSet({ work, trees: [{ source, mountPoint: '/', node: 'disk0:1' }] });
    rmSync(source, { recursive: true });
    const binary = join(root, 'dist/rekindle');
    const to = join(work, 'out');
    const wanted = gigabytes * 500;
    const path = `/folder-${Math.floor(wanted / 100)}/file-${wanted}`;
    const argv = ['extract', set.directory(1), '--path', path, '--to', to];
    const times = await alternate(runs, {
      extract: () => execFileSync(binary, argv, { stdio: ['ignore', 'ignore', 'inherit'] }),
      start: () => execFileSync(binary, ['--version'], { stdio: 'ignore' }),
    });
    return [
      alone(`extract: one file of a ${gigabytes} GB set, cold`, 's', times.extract),
      alone('  of which the program takes to start', 's', times.start),
    ];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
