import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { captureContent, planContent } from '../../../../restore/layout/content.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import { carryOut } from './carry-out.ts';
import { withImages } from './images.ts';

const size = 64 * 2 ** 20;

async function again(source: string, target: string) {
  const content = await captureContent(source, await probeDevice(source));
  if (content === null) throw new Error('nothing captured');
  await carryOut(planContent(content, target).make);
  return content;
}

describe('vfat [C2]', () => {
  for (const shape of [
    ['-F', '32', '-s', '8'],
    ['-F', '32', '-s', '1', '-n', 'EFI'],
    ['-F', '16', '-s', '4', '-R', '4', '-r', '1024', '-n', 'BOOT'],
    ['-F', '12'],
    ['-F', '32', '-S', '4096', '-h', '2048', '-g', '255/63'],
    ['-F', '32', '-s', '1', '-f', '1', '-M', '0xf0'],
  ]) {
    it(`keeps the whole parameter block: mkfs.fat ${shape.join(' ')}`, async () => {
      await withImages([size, size], async (source = '', target = '') => {
        await run(['mkfs.fat', ...shape, '-i', '0BAD1DEA', source]);
        await again(source, target);
        const [before, after] = await Promise.all([readFile(source), readFile(target)]);
        expect(after.subarray(0, 90).toString('hex')).toBe(before.subarray(0, 90).toString('hex'));
        expect(await probeDevice(target)).toEqual(await probeDevice(source));
        await run(['fsck.fat', '-n', target]);
      });
    });
  }

  it('keeps a file system that is smaller than its partition', async () => {
    await withImages([size, size], async (source = '', target = '') => {
      await run(['mkfs.fat', '-F', '32', '-s', '1', source, '40000']);
      const content = await again(source, target);
      expect(content).toMatchObject({ kind: 'vfat', geometry: { totalSectors: 80000 } });
      expect(await captureContent(target, await probeDevice(target))).toEqual(content);
    });
  });
});

describe('swap [C2]', () => {
  it('keeps each area its own UUID and label', async () => {
    await withImages([size, size], async (source = '', target = '') => {
      await run(['mkswap', '-L', 'my swap', source]);
      const content = await again(source, target);
      expect(content).toMatchObject({ kind: 'swap', label: 'my swap' });
      expect(await captureContent(target, await probeDevice(target))).toEqual(content);
    });
  });
});
