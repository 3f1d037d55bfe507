import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { describeDisks, describeLayout } from '../../../../restore/layout/capture.ts';
import type { Inventory } from '../../../../restore/layout/inventory.ts';
import { type BlockDevice, lsblkSchema } from '../../../../restore/layout/lsblk.ts';
import { listMounts } from '../../../../restore/layout/mounts.ts';
import { withImages, withLoop } from './images.ts';
import { inventoryOf, mounted } from './inventories.ts';

/** A loop device told as if it were a disk. */
async function asDisk(device: string): Promise<BlockDevice> {
  const argv = [
    'lsblk',
    '--json',
    '--bytes',
    '-o',
    'NAME,PATH,MAJ:MIN,TYPE,SIZE,RO,RM,HOTPLUG,MODEL,SERIAL,WWN,TRAN,LOG-SEC,PARTUUID',
    device,
  ] as const;
  const [disk] = lsblkSchema.parse(JSON.parse((await run(argv)).stdout)).blockdevices;
  if (disk === undefined) throw new Error('lsblk shows nothing');
  return { ...disk, type: 'disk', name: 'sda', model: 'Test disk', serial: 'T1' };
}

/** Mounted on directories here, told as mounted on '/', '/boot'. */
async function mountsOf(places: Record<string, string>): Promise<Inventory['mounts']> {
  return (await listMounts()).flatMap((mount) => {
    const target = places[mount.target];
    return target === undefined ? [] : [{ ...mount, target }];
  });
}

async function withMounts<T>(devices: readonly string[], use: (...at: string[]) => Promise<T>): Promise<T> {
  const at: string[] = [];
  try {
    for (const device of devices) {
      const directory = await mkdtemp(join(tmpdir(), 'rekindle-mount-'));
      at.push(directory);
      await run(['mount', device, directory]);
    }
    return await use(...at);
  } finally {
    for (const directory of at) {
      await run(['umount', directory], { okExit: [0, 32] });
      await rmdir(directory);
    }
  }
}

const input = `label: dos
label-id: 0x1badb002
start=2048, size=204800, type=83, bootable
start=206848, type=5
start=208896, size=204800, type=82
start=415744, size=614400, type=83
start=1032192, size=204800, type=7
`;

describe('capture of a real disk [C1] [C2]', () => {
  it('takes table, contents and mounts of an MBR disk with an extended partition', async () => {
    await withImages([700 * 2 ** 20], async (image = '') => {
      await run(['sfdisk', '-q', image], { input });
      await withLoop(image, async (device) => {
        await run(['partx', '-a', device]);
        await run(['mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'boot', `${device}p1`]);
        await run(['mkswap', `${device}p5`]);
        await run(['mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'root', `${device}p6`]);
        await run(['mkfs.fat', '-n', 'STICK', `${device}p7`]);
        await withMounts([`${device}p6`, `${device}p1`], async (root = '', boot = '') => {
          const mounts = await mountsOf({ [root]: '/', [boot]: '/boot' });
          const inventory = inventoryOf({ devices: [await asDisk(device)], mounts, swaps: [`${device}p5`] });
          const layout = await describeLayout(inventory, []);
          expect(layout.disks).toMatchObject([{ id: 'disk0', name: 'sda', serial: 'T1', sizeBytes: 700 * 2 ** 20 }]);
          expect(layout.disks[0]?.table).toBe((await run(['sfdisk', '-d', device])).stdout);
          expect(layout.nodes.map(({ id, content, mount }) => [id, content?.kind ?? null, mount?.at ?? null])).toEqual([
            ['disk0:1', 'ext4', '/boot'],
            ['disk0:2', null, null],
            ['disk0:5', 'swap', null],
            ['disk0:6', 'ext4', '/'],
            ['disk0:7', 'vfat', null],
          ]);
          const node = layout.nodes[3];
          expect(node?.content?.kind === 'ext4' ? node.content.features : []).not.toContain('needs_recovery');
          expect(node?.usedBytes).toBeGreaterThan(0);
          expect(layout.boot).toEqual({ firmware: 'bios', loader: 'none', disk: null, esp: null, efiEntries: [] });
        });
      });
    });
  });

  it('names what is there but not saved, and refuses what is in use and unknown', async () => {
    await withImages([700 * 2 ** 20], async (image = '') => {
      await run(['sfdisk', '-q', image], { input });
      await withLoop(image, async (device) => {
        await run(['partx', '-a', device]);
        await run(['mke2fs', '-q', '-F', '-t', 'ext4', `${device}p6`]);
        await run(['mke2fs', '-q', '-F', '-O', 'journal_dev', '-L', 'old', `${device}p1`]);
        await withMounts([`${device}p6`], async (root = '') => {
          const disk = await asDisk(device);
          const mounts = await mountsOf({ [root]: '/' });
          const layout = await describeLayout(inventoryOf({ devices: [disk], mounts }), []);
          expect(layout.nodes[0]).toMatchObject({
            content: null,
            notSaved: 'jbd "old"',
          });
          const [first] = disk.children;
          const used = inventoryOf({
            devices: [disk],
            mounts: [...mounts, mounted(first?.path ?? '', '/srv', 'btrfs')],
          });
          await expect(describeLayout(used, [])).rejects.toMatchObject({
            code: 'RK410',
            reason: `/srv lies on ${device}p1: jbd "old"`,
          });
        });
      });
    });
  });

  it('copies what cannot be made again as it lies there, but not while it is mounted', async () => {
    await withImages([700 * 2 ** 20], async (image = '') => {
      await run(['sfdisk', '-q', image], { input });
      await withLoop(image, async (device) => {
        await run(['partx', '-a', device]);
        await run(['mke2fs', '-q', '-F', '-t', 'ext4', `${device}p6`]);
        await run(['mke2fs', '-q', '-F', '-t', 'ext4', '-O', 'verity', '-L', 'sealed', `${device}p1`]);
        await run(['mkfs.f2fs', '-q', '-f', '-O', 'encrypt', '-l', 'phone', `${device}p7`]);
        await withMounts([`${device}p6`], async (root = '') => {
          const disk = await asDisk(device);
          const mounts = await mountsOf({ [root]: '/' });
          const { nodes } = await describeLayout(inventoryOf({ devices: [disk], mounts }), []);
          expect(nodes[0]?.content).toEqual({ kind: 'raw', type: 'ext4', words: 'ext4 "sealed"' });
          expect(nodes[4]?.content).toEqual({ kind: 'raw', type: 'f2fs', words: 'f2fs "phone"' });
          const inUse = [...mounts, mounted(`${device}p1`, '/srv')];
          await expect(describeLayout(inventoryOf({ devices: [disk], mounts: inUse }), [])).rejects.toMatchObject({
            code: 'RK414',
            reason: expect.stringMatching(/"verity"/),
          });
        });
      });
    });
  });

  it('takes a disk that is used whole, and refuses a table of another kind', async () => {
    await withImages([64 * 2 ** 20, 64 * 2 ** 20], async (image = '', other = '') => {
      await run(['sfdisk', '-q', other], { input: 'label: sun\n' });
      await run(['mke2fs', '-q', '-F', '-t', 'ext2', '-L', 'whole', image]);
      await withLoop(image, async (device) => {
        await withMounts([device], async (root = '') => {
          const inventory = inventoryOf({ devices: [await asDisk(device)], mounts: await mountsOf({ [root]: '/' }) });
          const layout = await describeLayout(inventory, []);
          expect(layout.disks[0]?.table).toBeNull();
          expect(layout.nodes).toMatchObject([
            {
              id: 'disk0',
              origin: { type: 'disk', disk: 'disk0' },
              sizeBytes: 64 * 2 ** 20,
              content: { label: 'whole' },
            },
          ]);
        });
      });
      await withLoop(other, async (device) => {
        const inventory = inventoryOf({ devices: [await asDisk(device)] });
        await expect(describeDisks(inventory, inventory.devices)).rejects.toMatchObject({
          code: 'RK412',
          reason: `${device}: partition table sun`,
        });
      });
    });
  });
});
