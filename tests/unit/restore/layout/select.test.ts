import { describe, expect, it } from 'vitest';
import { chainsOf } from '../../../../restore/layout/lsblk.ts';
import { selectDisks } from '../../../../restore/layout/select.ts';
import { assertKnownContent, assertKnownStack, isRandomSwap } from '../../../../restore/layout/unsupported.ts';
import { withImages } from './images.ts';
import { block, inventoryOf, mounted } from './inventories.ts';

const sda = block({
  name: 'sda',
  children: [block({ name: 'sda1', type: 'part' }), block({ name: 'sda2', type: 'part' })],
});
const sdb = block({ name: 'sdb', children: [block({ name: 'sdb1', type: 'part' })] });
const stick = block({ name: 'sdc', rm: true, tran: 'usb', children: [block({ name: 'sdc1', type: 'part' })] });
const noise = [block({ name: 'loop0', type: 'loop' }), block({ name: 'zram0' }), block({ name: 'sr0', type: 'rom' })];
const devices = [sda, sdb, stick, ...noise];
const root = mounted('/dev/sda1', '/');

function names(changes: Parameters<typeof inventoryOf>[0], exclude: string[] = []): string[] {
  return selectDisks(inventoryOf({ devices, ...changes }), exclude).disks.map(({ name }) => name);
}

describe('which disks are the machine [B15]', () => {
  it('takes disks with mounted file systems and swap, nothing else', () => {
    expect(names({ mounts: [root] })).toEqual(['sda']);
    expect(
      names({ mounts: [root, mounted('/dev/sdb1', '/data'), mounted('/dev/loop0', '/snap/x', 'squashfs')] }),
    ).toEqual(['sda', 'sdb']);
    expect(names({ mounts: [root], swaps: ['/dev/sdb1', '/dev/zram0'] })).toEqual(['sda', 'sdb']);
    expect(
      names({
        mounts: [root],
        fstab: [{ source: '/dev/sdb1', target: '/archive', fstype: 'ext4', options: 'noauto' }],
      }),
    ).toEqual(['sda', 'sdb']);
  });

  it('leaves a stick out, unless the machine needs it', () => {
    const plugged = mounted('/dev/sdc1', '/media/stick', 'vfat');
    expect(names({ mounts: [root, plugged] })).toEqual(['sda']);
    expect(names({ mounts: [root, mounted('/dev/sdc1', '/boot')] })).toEqual(['sda', 'sdc']);
    const fstab = [{ source: '/dev/sdc1', target: '/media/stick', fstype: 'vfat', options: 'nofail' }];
    expect(names({ mounts: [root, plugged], fstab })).toEqual(['sda', 'sdc']);
    expect(names({ mounts: [root], fstab })).toEqual(['sda']);
  });

  it('leaves the destination out, but never a part of the system', () => {
    const mounts = [root, mounted('/dev/sdb1', '/backup')];
    expect(names({ mounts }, ['/dev/sdb'])).toEqual(['sda']);
    expect(names({ mounts }, ['/dev/sdb1'])).toEqual(['sda']);
    expect(() => names({ mounts }, ['sda'])).toThrow(
      expect.objectContaining({ code: 'RK415', reason: '/dev/sda holds /' }),
    );
  });

  it('refuses a root that lies on no disk', () => {
    expect(() => names({ mounts: [mounted('overlay', '/', 'overlay')] })).toThrow(
      expect.objectContaining({ code: 'RK413', reason: '/ is overlay on overlay' }),
    );
    expect(() => names({ mounts: [mounted('rpool/ROOT', '/', 'zfs')] })).toThrow(
      expect.objectContaining({ code: 'RK410' }),
    );
  });
});

describe('what lies under a mounted file system [C3]', () => {
  /** A device of that type on a partition, or on what else is given. */
  const refusal = async (device: { name: string; type: string }, below: { name: string; type: string }) => {
    const middle = block({ ...below, children: [block(device)] });
    const chain = chainsOf([block({ name: 'sda', children: [middle] })]).at(-1);
    if (chain === undefined) throw new Error('no chain');
    return assertKnownStack({ at: '/srv', chain });
  };
  const partition = { name: 'sda1', type: 'part' };

  it('accepts arrays and volumes on partitions and on each other', async () => {
    await refusal({ name: 'vg0-srv', type: 'lvm' }, partition);
    await refusal({ name: 'md0', type: 'raid1' }, partition);
    await refusal({ name: 'md1', type: 'raid0' }, { name: 'md0', type: 'raid5' });
    await refusal({ name: 'vg0-srv', type: 'lvm' }, { name: 'md0', type: 'raid10' });
  });

  it.each([
    [{ name: 'mpatha', type: 'mpath' }, partition, 'a multipath device (mpatha)'],
    [{ name: 'bcache0', type: 'disk' }, partition, 'a bcache device (bcache0)'],
    [{ name: 'drbd1', type: 'disk' }, partition, 'a DRBD device (drbd1)'],
    [{ name: 'isw_a_vol', type: 'dmraid' }, partition, 'a firmware RAID (dmraid) (isw_a_vol)'],
    [{ name: 'vdo0', type: 'vdo' }, partition, 'a device of type vdo (vdo0)'],
    [
      { name: 'md0p1', type: 'part' },
      { name: 'md0', type: 'raid1' },
      'a partition table inside of another layer (md0p1)',
    ],
  ])('refuses what it cannot make again, by name: $0.name', async (device, below, why) => {
    await expect(refusal(device, below)).rejects.toMatchObject({
      code: 'RK410',
      reason: `/srv lies on /dev/${device.name}: ${why}`,
    });
  });

  it('refuses encryption without a LUKS header, unless it is swap with a new key at each boot', async () => {
    await withImages([2 ** 20], async (image = '') => {
      const below = block({
        name: 'sda1',
        path: image,
        type: 'part',
        children: [block({ name: 'plain', type: 'crypt' })],
      });
      const chain = chainsOf([block({ name: 'sda', children: [below] })]).at(-1);
      if (chain === undefined) throw new Error('no chain');
      await expect(assertKnownStack({ at: '/srv', chain })).rejects.toMatchObject({ code: 'RK411' });
      expect(isRandomSwap({ at: 'swap', chain }, {})).toBe(true);
      expect(isRandomSwap({ at: 'swap', chain }, { TYPE: 'crypto_LUKS' })).toBe(false);
      expect(isRandomSwap({ at: '/srv', chain }, {})).toBe(false);
    });
  });

  it('refuses a file system that no layer knows, and accepts the others', () => {
    const chain = chainsOf([sda])[1];
    if (chain === undefined) throw new Error('no chain');
    expect(() => assertKnownContent({ at: '/', chain }, { TYPE: 'ntfs', LABEL: 'data' })).toThrow(
      expect.objectContaining({ code: 'RK410', reason: '/ lies on /dev/sda1: NTFS "data"' }),
    );
    expect(() => assertKnownContent({ at: '/', chain }, { TYPE: 'ext4' })).not.toThrow();
  });
});
