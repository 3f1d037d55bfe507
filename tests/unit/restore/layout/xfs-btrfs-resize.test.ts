import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { captureContent, planContent, resizerOf } from '../../../../restore/layout/content.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import type { Load } from '../../../../restore/layout/resizer.ts';
import type { Content } from '../../../../restore/layout/schema.ts';
import { withImages, withLoop } from './images.ts';

const saved = 2 * 2 ** 30;
let work = '';
const loads: { tree: string; load: Load }[] = [];

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'rekindle-resize-'));
  const small = join(work, 'small');
  for (let folder = 0; folder < 50; folder += 1) {
    await mkdir(join(small, `${folder}`), { recursive: true });
    for (let file = 0; file < 100; file += 1) await writeFile(join(small, `${folder}/${file}`), `${file}`.repeat(900));
  }
  const large = join(work, 'large');
  await mkdir(large);
  await run(['dd', 'if=/dev/urandom', `of=${large}/data`, 'bs=1M', 'count=150']);
  for (const tree of [small, large]) {
    const { stdout } = await run(['sh', '-c', 'tar -C "$1" -cf - . | wc -c; find "$1" | wc -l', 'sh', tree]);
    const [bytes = 0, files = 0] = stdout.trim().split('\n').map(Number);
    loads.push({ tree, load: { bytes, files } });
  }
});
afterAll(() => rm(work, { recursive: true, force: true }));

async function captured(make: readonly [string, ...string[]]): Promise<Content> {
  return withImages([saved], async (source = '') => {
    await run([...make, source]);
    const content = await captureContent(source, await probeDevice(source));
    if (content === null) throw new Error('nothing captured');
    return content;
  });
}

/** Makes it at that size by the plan's own command, copies the tree into it; bytes that stay free. */
async function fill(content: Content, sizeBytes: number, tree: string): Promise<number> {
  return withImages([sizeBytes], (image = '') =>
    withLoop(image, async (device) => {
      const make = planContent(content, device).make.flatMap((action) => (action.type === 'run' ? [action.argv] : []));
      const mkfs = make.find((argv) => argv.some((word) => word.startsWith('mkfs.')));
      if (mkfs === undefined) throw new Error('no mkfs');
      await run(mkfs);
      const at = await mkdtemp(join(work, 'at-'));
      await run(['mount', '-o', content.kind === 'xfs' ? 'nouuid' : 'noatime', device, at]);
      try {
        await run(['cp', '-a', `${tree}/.`, at]);
        await run(['sync', '-f', at]);
        const { bavail, bsize } = await statfs(at);
        return bavail * bsize;
      } finally {
        await run(['umount', at]);
      }
    }),
  );
}

const shapes: Record<string, [string, ...string[]]> = {
  'xfs as the distribution makes it': ['mkfs.xfs', '-q'],
  'xfs with reverse mappings': ['mkfs.xfs', '-q', '-m', 'rmapbt=1'],
  'btrfs as the distribution makes it': ['mkfs.btrfs', '-q'],
  'btrfs with its data twice': ['mkfs.btrfs', '-q', '-d', 'dup', '-m', 'dup'],
};

describe('xfs and btrfs at another size [C5]', () => {
  for (const [name, make] of Object.entries(shapes))
    it(`hold their load at the smallest size, with room to live; grow: ${name}`, async () => {
      const content = await captured(make);
      const resizer = resizerOf(content);
      if (resizer === null) throw new Error('no resizer');
      for (const { tree, load } of loads) {
        const smallest = resizer.minimumBytes(content, load);
        expect(smallest).toBeLessThan(saved);
        expect(await fill(resizer.at(content, smallest, load), smallest, tree)).toBeGreaterThan(32 * 2 ** 20);
      }
      const [{ tree, load } = { tree: '', load: { bytes: 0, files: 0 } }] = loads;
      expect(await fill(resizer.at(content, 2 * saved, load), 2 * saved, tree)).toBeGreaterThan(saved / 2);
      expect(resizer.at(content, saved, load)).toEqual(content);
    });
});
