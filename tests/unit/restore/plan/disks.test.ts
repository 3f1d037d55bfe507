import { mkdir, mkdtemp, rmdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { describeDisk, listTargetDisks } from '../../../../restore/plan/disks.ts';
import { targetDiskSchema } from '../../../../restore/plan/step.ts';
import { withImages, withLoop } from '../layout/images.ts';
import { block } from '../layout/inventories.ts';
import { setId } from './machines.ts';

async function onMounted(device: string, write: (root: string) => Promise<unknown>): Promise<void> {
  const at = await mkdtemp(join(tmpdir(), 'rekindle-mount-'));
  try {
    await run(['mount', device, at]);
    try {
      await write(at);
    } finally {
      await run(['umount', at]);
    }
  } finally {
    await rmdir(at);
  }
}

const marker = JSON.stringify({ set: setId, at: '2026-11-24T10:00:00Z' });
const mebibytes = 100 * 2 ** 20;

describe('target disks [C4] [C6]', () => {
  it('lists this machine without its running system', async () => {
    const disks = await listTargetDisks({ mediumDevices: [] });
    for (const disk of disks) expect(targetDiskSchema.parse(disk)).toEqual(disk);
    const { stdout } = await run(['findmnt', '-no', 'SOURCE', '/']);
    const own = disks.find(({ path }) => path === stdout.trim());
    if (own !== undefined) expect(own).toMatchObject({ refusal: 'the running system is on it', restoredFrom: null });
    const first = disks[0];
    if (first === undefined) return;
    const again = await listTargetDisks({ mediumDevices: [first.path] });
    expect(again.find(({ path }) => path === first.path)?.refusal).toBe('this medium');
  });

  it('says what is on a disk and which set was restored onto it, and leaves nothing mounted', async () => {
    await withImages([4 * mebibytes], async (image = '') => {
      await run(['sfdisk', '-q', image], { input: 'label: gpt\nsize=100M\nsize=100M\nsize=100M\n' });
      await withLoop(image, async (device) => {
        await run(['partx', '-a', device]);
        const [one, two, three] = [`${device}p1`, `${device}p2`, `${device}p3`];
        await run(['mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'root', one]);
        await run(['mkswap', two]);
        await onMounted(one, async (root) => {
          await mkdir(join(root, 'var/log/rekindle'), { recursive: true });
          await writeFile(join(root, 'var/log/rekindle/restored.json'), marker);
        });
        const parts = [one, two, three].map((path) =>
          block({ name: path.slice(5), path, type: 'part', size: mebibytes }),
        );
        const disk = await describeDisk(block({ name: device.slice(5), children: parts }), null, false);
        expect(disk.contents).toEqual(['ext4 "root" 105 MB', 'swap 105 MB', 'unknown 105 MB']);
        expect(disk.restoredFrom).toBe(setId);
        expect(disk.partitions).toEqual([one, two, three]);
        expect((await run(['findmnt', '-rno', 'SOURCE'])).stdout).not.toContain(device);
      });
    });
  });

  for (const [type, make, folder] of [
    ['xfs', ['mkfs.xfs', '-q'], 'var/log/rekindle'],
    ['btrfs', ['mkfs.btrfs', '-q'], '@rootfs/var/log/rekindle'],
  ] as const)
    it(`sees on ${type}, used whole, which set was restored onto it, and changes nothing`, async () => {
      await withImages([4 * mebibytes], async (image = '') => {
        await run([...make, image]);
        await withLoop(image, async (device) => {
          await onMounted(device, async (root) => {
            await mkdir(join(root, folder), { recursive: true });
            await writeFile(join(root, folder, 'restored.json'), marker);
          });
          const { stdout: before } = await run(['sha256sum', device]);
          const disk = await describeDisk(block({ name: device.slice(5) }), null, false);
          expect(disk.restoredFrom).toBe(setId);
          expect((await run(['sha256sum', device])).stdout).toBe(before);
        });
      });
    });

  it('follows no link of the disk out into this system', async () => {
    await withImages([mebibytes], async (image = '') => {
      await withLoop(image, async (device) => {
        const outside = await mkdtemp(join(tmpdir(), 'rekindle-outside-'));
        await mkdir(join(outside, 'rekindle'));
        await writeFile(join(outside, 'rekindle/restored.json'), marker);
        await run(['mke2fs', '-q', '-F', '-t', 'ext4', device]);
        await onMounted(device, async (root) => {
          await mkdir(join(root, 'var'));
          await symlink(outside, join(root, 'var/log'));
        });
        const part = block({ name: device.slice(5), type: 'part' });
        expect((await describeDisk(block({ name: 'vdx', children: [part] }), null, false)).restoredFrom).toBeNull();
        await run(['rm', '-rf', outside]);
      });
    });
  });

  it('knows a disk that is blank, used whole, or has an empty table', async () => {
    await withImages([mebibytes], async (image = '') => {
      await withLoop(image, async (device) => {
        const disk = block({ name: device.slice(5), size: mebibytes });
        const contents = async () => (await describeDisk(disk, null, false)).contents;
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
