import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdir, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { freeWhileRead } from '../../../../build/iso/punch.ts';
import { readBack } from '../../../../build/iso/read-back.ts';
import { run } from '../../../../common/run.ts';
import { listExtents } from '../../../../restore/archive/store/iso.ts';
import { describeFile } from '../../../../restore/archive/write-set.ts';
import { smallFileSystem, temporaryDirectory } from '../temporary.ts';

const quiet = new AbortController().signal;

async function sampleImage(): Promise<{ image: string; tree: string }> {
  const tree = await temporaryDirectory();
  await mkdir(join(tree, 'rekindle'));
  await run(['dd', 'if=/dev/urandom', `of=${join(tree, 'rekindle/data')}`, 'bs=1M', 'count=3', 'status=none']);
  await writeFile(join(tree, 'rekindle/empty'), '');
  const image = join(await temporaryDirectory(), 'x.iso');
  await run(['xorriso', '-as', 'mkisofs', '-quiet', '-iso-level', '3', '-r', '-o', image, tree]);
  return { image, tree };
}

describe('reading back', () => {
  it('finds every file as it was written, an empty one too', async () => {
    const { image, tree } = await sampleImage();
    const files = await Promise.all(['rekindle/data', 'rekindle/empty'].map((path) => describeFile(tree, path)));
    await readBack(
      image,
      files.map((file) => ({ ...file, path: `/${file.path}` })),
      quiet,
    );
  });

  it('knows files of more than 4 GiB, which have several extents', async () => {
    const tree = await temporaryDirectory();
    await run(['truncate', '-s', '4300M', join(tree, 'large')]);
    await appendFile(join(tree, 'large'), 'the end');
    const image = join(await temporaryDirectory(), 'x.iso');
    // Kept sparse, or the test would write four gigabytes of zeros.
    const xorriso = spawn('xorriso', ['-as', 'mkisofs', '-quiet', '-iso-level', '3', '-r', '-o', '-', tree]);
    const dd = spawn('dd', [`of=${image}`, 'conv=sparse', 'bs=1M', 'iflag=fullblock', 'status=none']);
    await Promise.all([pipeline(xorriso.stdout, dd.stdin), once(dd, 'close')]);
    const extents = (await listExtents(image)).get('/large') ?? [];
    expect(extents.length).toBe(2);
    expect(extents.reduce((sum, { size }) => sum + size, 0)).toBe((await stat(join(tree, 'large'))).size);
  });

  it('names the file of which one bit is wrong (RK213)', async () => {
    const { image, tree } = await sampleImage();
    const expected = { ...(await describeFile(tree, 'rekindle/data')), path: '/rekindle/data' };
    const start = (await listExtents(image)).get('/rekindle/data')?.[0]?.start ?? 0;
    const file = await open(image, 'r+');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, start + 1000);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, start + 1000);
    await file.close();
    await expect(readBack(image, [expected], quiet)).rejects.toMatchObject({
      code: 'RK213',
      reason: expect.stringContaining('/rekindle/data'),
    });
  });
});

describe('freeing a file while it is read', () => {
  it('gives the space back, and the reader gets every byte', async () => {
    const directory = await smallFileSystem(300);
    const file = join(directory, 'archive');
    await run(['dd', 'if=/dev/urandom', `of=${file}`, 'bs=1M', 'count=200', 'status=none']);
    const expected = (await run(['sha256sum', file])).stdout.slice(0, 64);
    const child = spawn('cat', [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const freeing = freeWhileRead(child.pid ?? 0, [file]);
    const hash = createHash('sha256');
    let bytes = 0;
    let least = Number.POSITIVE_INFINITY;
    for await (const chunk of child.stdout) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes % (5 << 20) < (chunk as Buffer).length) await sleep(20);
      least = Math.min(least, (await stat(file)).blocks * 512);
    }
    await freeing.stop();
    expect(hash.digest('hex')).toBe(expected);
    expect(bytes).toBe(200 << 20);
    expect(least).toBeLessThan(120 << 20);
  });
});
