import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { probeDevice } from '../../../../../restore/layout/probe.ts';
import { freshContent, freshMinimum } from '../../../../../restore/plan/part/fresh.ts';
import { freshTypeNames } from '../../../../../restore/plan/part/names.ts';
import { carryOut } from '../../layout/carry-out.ts';
import { onDevice, whileMounted } from './on-disk.ts';

const loads = {
  'many small files': { files: 12_000, each: 100, large: 0 },
  'a large one': { files: 10, each: 100, large: 300_000_000 },
};

function fill(at: string, { files, each, large }: (typeof loads)['a large one']): void {
  for (let index = 0; index < files; index += 1) {
    const folder = join(at, `group-${index % 50}`);
    if (index < 50) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${index}`), Buffer.alloc(each, index));
  }
  const piece = randomBytes(1_000_000);
  for (let done = 0; done < large; done += piece.length) writeFileSync(join(at, 'large'), piece, { flag: 'a' });
}

describe('[C12] a file system of another type', { timeout: 240_000 }, () => {
  // This kernel mounts no f2fs.
  for (const type of freshTypeNames.filter((name) => name !== 'f2fs'))
    for (const [what, load] of Object.entries(loads))
      it(`${type}: the smallest device that it says holds ${what}, with room to live in`, async () => {
        const counted = { bytes: load.files * load.each + load.large, files: load.files + 50 };
        const sizeBytes = freshMinimum(type, counted) ?? 0;
        await onDevice(sizeBytes, async (device) => {
          const uuid = 'cccccccc-0000-4000-8000-000000000001';
          const content = freshContent(type, { device, sizeBytes, uuid, label: 'home', load: counted });
          await carryOut([{ type: 'mkdir', path: '/run/rekindle', mode: 0o755 }, ...content.rehearse, ...content.make]);
          expect(await probeDevice(device)).toMatchObject({ TYPE: type, UUID: uuid, LABEL: 'home' });
          await whileMounted(device, async (at) => {
            fill(at, load);
            const { bavail, bsize } = await statfs(at);
            expect(bavail * bsize).toBeGreaterThan(32 * 2 ** 20);
          });
        });
      });

  it('f2fs: is made with the id and label that it is given', async () => {
    await onDevice(300 * 2 ** 20, async (device) => {
      const uuid = 'cccccccc-0000-4000-8000-000000000002';
      const load = { bytes: 1000, files: 1 };
      const content = freshContent('f2fs', { device, sizeBytes: 300 * 2 ** 20, uuid, label: 'home', load });
      await carryOut([...content.rehearse, ...content.make]);
      expect(await probeDevice(device)).toMatchObject({ TYPE: 'f2fs', UUID: uuid, LABEL: 'home' });
    });
  });

  it('leaves out a label that is too long, and says so', () => {
    const options = {
      device: '/dev/vdb5',
      sizeBytes: 2 ** 30,
      uuid: 'x',
      label: 'longer-than-xfs',
      load: { bytes: 1, files: 1 },
    };
    expect(freshContent('xfs', options).notes).toEqual([expect.stringContaining('longer-than-xfs')]);
    expect(JSON.stringify(freshContent('xfs', options).make)).not.toContain('longer-than-xfs');
    expect(JSON.stringify(freshContent('ext4', options).make)).toContain('longer-than-xfs');
  });
});
