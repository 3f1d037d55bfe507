import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { describeDisk, listTargetDisks } from '../../../../restore/plan/disks.ts';
import { targetDiskSchema } from '../../../../restore/plan/step.ts';
import { withImages, withLoop } from '../layout/images.ts';
import { block } from '../layout/inventories.ts';

const mebibytes = 100 * 2 ** 20;

describe('target disks [C4] [C6]', () => {
  it('lists this machine without its running system', async () => {
    const disks = await listTargetDisks({ mediumDevices: [] });
    for (const disk of disks) expect(targetDiskSchema.parse(disk)).toEqual(disk);
    const { stdout } = await run(['findmnt', '-no', 'SOURCE', '/']);
    const own = disks.find(({ path }) => path === stdout.trim());
    if (own !== undefined) expect(own).toMatchObject({ refusal: 'the running system is on it' });
    const first = disks[0];
    if (first === undefined) return;
    const again = await listTargetDisks({ mediumDevices: [first.path] });
    expect(again.find(({ path }) => path === first.path)?.refusal).toBe('this medium');
  });

  it('says what is on a disk, and mounts nothing', async () => {
    await withImages([4 * mebibytes], async (image = '') => {
      await run(['sfdisk', '-q', image], { input: 'label: gpt\nsize=100M\nsize=100M\nsize=100M\n' });
      await withLoop(image, async (device) => {
        await run(['partx', '-a', device]);
        const [one, two, three] = [`${device}p1`, `${device}p2`, `${device}p3`];
        await run(['mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'root', one]);
        await run(['mkswap', two]);
        const parts = [one, two, three].map((path) =>
          block({ name: path.slice(5), path, type: 'part', size: mebibytes }),
        );
        const disk = await describeDisk(block({ name: device.slice(5), children: parts }), null);
        expect(disk.contents).toEqual(['ext4 "root" 105 MB', 'swap 105 MB', 'unknown 105 MB']);
        expect(disk.partitions).toEqual([one, two, three]);
        expect((await run(['findmnt', '-rno', 'SOURCE'])).stdout).not.toContain(device);
      });
    });
  });

  it('knows a disk that is blank, used whole, or has an empty table', async () => {
    await withImages([mebibytes], async (image = '') => {
      await withLoop(image, async (device) => {
        const disk = block({ name: device.slice(5), size: mebibytes });
        const contents = async () => (await describeDisk(disk, null)).contents;
        expect(await contents()).toEqual([]);
        await run(['sfdisk', '-q', image], { input: 'label: gpt\n' });
        expect(await contents()).toEqual(['empty GPT partition table']);
        await run(['wipefs', '-qa', device]);
        await run(['mke2fs', '-q', '-F', '-t', 'ext2', '-L', 'whole', device]);
        expect(await contents()).toEqual(['ext2 "whole" 105 MB']);
      });
    });
  });
});
