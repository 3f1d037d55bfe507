import { describe, expect, it } from 'vitest';
import { chainsOf } from '../../../../restore/layout/lsblk.ts';
import { selectDisks } from '../../../../restore/layout/select.ts';
import { assertKnownContent, assertPlainPartition } from '../../../../restore/layout/unsupported.ts';
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
  const stack = (type: string, name: string) =>
    block({ name: 'sda', children: [block({ name: 'sda1', type: 'part', children: [block({ name, type })] })] });
  const refusal = (type: string, name: string) => {
    const chain = chainsOf([stack(type, name)]).at(-1);
    if (chain === undefined) throw new Error('no chain');
    return () => assertPlainPartition({ at: '/srv', chain });
  };

  it('refuses LUKS with a code of its own, other layers by name', () => {
    expect(refusal('crypt', 'secret')).toThrow(
      expect.objectContaining({ code: 'RK411', reason: '/srv lies on /dev/secret' }),
    );
    expect(refusal('lvm', 'vg0-srv')).toThrow(
      expect.objectContaining({ code: 'RK410', reason: '/srv lies on /dev/vg0-srv: an LVM volume (vg0-srv)' }),
    );
    expect(refusal('raid1', 'md0')).toThrow(
      expect.objectContaining({ code: 'RK410', reason: '/srv lies on /dev/md0: a RAID array (md0)' }),
    );
    expect(refusal('mpath', 'mpatha')).toThrow(expect.objectContaining({ code: 'RK410' }));
  });

  it('refuses a file system that no layer knows, and accepts the others', () => {
    const chain = chainsOf([sda])[1];
    if (chain === undefined) throw new Error('no chain');
    expect(() => assertKnownContent({ at: '/', chain }, { TYPE: 'xfs', LABEL: 'data' })).toThrow(
      expect.objectContaining({ code: 'RK410', reason: '/ lies on /dev/sda1: xfs "data"' }),
    );
    expect(() => assertKnownContent({ at: '/', chain }, { TYPE: 'ext4' })).not.toThrow();
  });
});
