import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { captureContent, planContent } from '../../../../restore/layout/content.ts';
import { extResizer } from '../../../../restore/layout/ext-resize.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import type { Load } from '../../../../restore/layout/resizer.ts';
import { type ExtContent, extContentSchema } from '../../../../restore/layout/schema.ts';
import { carryOut } from './carry-out.ts';
import { withImages } from './images.ts';

const saved = 2 * 2 ** 30;
let work = '';
const loads: { name: string; tree: string; load: Load }[] = [];

/** As a set knows it: the size of the tar stream and its members. */
async function loadOf(tree: string): Promise<Load> {
  const { stdout } = await run(['sh', '-c', `tar -C "$1" -cf - . | wc -c; find "$1" | wc -l`, 'sh', tree]);
  const [bytes, files] = stdout.trim().split('\n').map(Number);
  return { bytes: bytes ?? 0, files: files ?? 0 };
}

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'rekindle-resize-'));
  const small = join(work, 'small');
  for (let folder = 0; folder < 50; folder += 1) {
    await mkdir(join(small, `${folder}`), { recursive: true });
    for (let file = 0; file < 100; file += 1) await writeFile(join(small, `${folder}/${file}`), `${file}`);
  }
  const large = join(work, 'large');
  await mkdir(large);
  await run(['dd', 'if=/dev/urandom', `of=${large}/data`, 'bs=1M', 'count=64']);
  for (const [name, tree] of Object.entries({ 'many small files': small, 'one large file': large })) {
    loads.push({ name, tree, load: await loadOf(tree) });
  }
});
afterAll(() => rm(work, { recursive: true, force: true }));

async function captured(make: readonly string[]): Promise<ExtContent> {
  let content: ExtContent | null = null;
  await withImages([saved], async (source = '') => {
    await run(['mke2fs', '-q', '-F', ...make, source]);
    content = extContentSchema.parse(await captureContent(source, await probeDevice(source)));
  });
  if (content === null) throw new Error('nothing captured');
  return content;
}

/** Makes the file system at that size, copies the tree into it; bytes that stay free for root, after fsck. */
async function fill(content: ExtContent, sizeBytes: number, tree: string): Promise<{ free: number; inodes: number }> {
  let result = { free: -1, inodes: -1 };
  await withImages([sizeBytes], async (image = '') => {
    await carryOut(planContent(content, image).make);
    const at = await mkdtemp(join(work, 'at-'));
    await run(['mount', '-o', 'loop', image, at]);
    try {
      await run(['cp', '-a', `${tree}/.`, at]);
      const { bavail, bsize, ffree } = await statfs(at);
      result = { free: bavail * bsize, inodes: ffree };
    } finally {
      await run(['umount', at]);
    }
    await run(['e2fsck', '-fn', image]);
  });
  return result;
}

const shapes: Record<string, string[]> = {
  'ext4 as the distribution makes it': ['-t', 'ext4'],
  'ext2 in 1 KiB blocks': ['-t', 'ext2', '-b', '1024'],
  'ext3 with few inodes': ['-t', 'ext3', '-i', '1048576'],
  'ext4 with a large reserve': ['-t', 'ext4', '-m', '20'],
  'big clusters': ['-t', 'ext4', '-O', 'bigalloc', '-C', '16384'],
};

describe('ext file systems at another size [C5]', () => {
  for (const [name, make] of Object.entries(shapes)) {
    it(`hold their load at the smallest size, with room to live: ${name}`, async () => {
      const content = await captured(make);
      for (const { tree, load } of loads) {
        const smallest = extResizer.minimumBytes(content, load);
        expect(smallest).toBeLessThan(saved);
        const resized = extResizer.at(content, smallest, load);
        expect(resized.uuid).toBe(content.uuid);
        const { free, inodes } = await fill(resized, smallest, tree);
        expect(free).toBeGreaterThan(32 * 2 ** 20);
        expect(inodes).toBeGreaterThan(500);
      }
    });
  }

  it('grow with their inodes and their reserve', async () => {
    const content = await captured(['-t', 'ext4', '-m', '3']);
    const three = extResizer.at(content, 3 * saved, { bytes: 0, files: 0 });
    expect(three.blockCount).toBe(3 * content.blockCount);
    expect(three.inodeCount / content.inodeCount).toBeCloseTo(3, 3);
    expect(three.reservedBlocks / three.blockCount).toBeCloseTo(0.03, 3);
    const [{ tree } = { tree: '' }] = loads;
    expect((await fill(three, 3 * saved, tree)).free).toBeGreaterThan(2 * saved);
  });

  it('stay as they were at the size that they had', async () => {
    const content = await captured(['-t', 'ext4']);
    expect(extResizer.at(content, saved, { bytes: 0, files: 0 })).toEqual(content);
  });
});
