import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fstabDoubles } from '../../../../restore/proof/checks/fstab-doubles.ts';
import { bootId, rootId, systemOf } from './families.ts';
import { btrfs, btrfsMounts, nobody, swapId } from './machines.ts';
import { plain, proveFstab, systemd } from './prove-fstab.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-fstab-'));
});
afterEach(() => rmSync(work, { recursive: true }));

const lines: [string, 'cannot-tell' | 'fail', RegExp, string][] = [
  [
    'a disk that is gone, by its serial',
    'cannot-tell',
    /names a disk by its hardware/,
    '/dev/disk/by-id/ata-OLD_Z3T0-part1 /boot/efi vfat defaults 0 1',
  ],
  [
    'the same in the words of util-linux',
    'cannot-tell',
    /names a disk by its hardware/,
    'ID=ata-OLD_Z3T0-part1 /boot/efi vfat defaults 0 1',
  ],
  [
    'a connector',
    'cannot-tell',
    /names a place of the hardware/,
    '/dev/disk/by-path/pci-0000:00:1f.2-ata-1-part1 /boot/efi vfat defaults 0 1',
  ],
  [
    "a kernel's name of another kind of disk",
    'cannot-tell',
    /can change between boots/,
    '/dev/sda1 /boot/efi vfat defaults 0 1',
  ],
  ['a drive that must have a disc', 'cannot-tell', /names a drive/, '/dev/sr0 /mnt iso9660 ro 0 0'],
  [
    'a folder of a server',
    'cannot-tell',
    /bound to \/home, lies in \/mnt\/n/,
    'nas:/v /mnt/n nfs4 defaults 0 0\n/mnt/n/homes /home none bind 0 0',
  ],
  ['a type that nobody knows', 'cannot-tell', /a type that is not known here/, 'thing /mnt somefs defaults 0 0'],
  [
    'a swap file on a server',
    'cannot-tell',
    /lies in \/mnt\/n/,
    'nas:/v /mnt/n nfs4 defaults 0 0\n/mnt/n/swap none swap sw 0 0',
  ],
  [
    'swap on a disk that is gone',
    'cannot-tell',
    /names a disk by its hardware/,
    '/dev/disk/by-id/ata-OLD_Z3T0-part3 none swap sw 0 0',
  ],
  ['an id that no disk has', 'fail', /is on none of the restored disks/, `UUID=${nobody} /srv ext4 defaults 0 2`],
  ['an id that no disk has, as a link', 'fail', /is on none/, `/dev/disk/by-uuid/${nobody} /srv ext4 defaults 0 2`],
  ['a label that no disk has', 'fail', /is on none/, 'LABEL=data /srv ext4 defaults 0 2'],
  ['an id of a partition that no disk has', 'fail', /is on none/, `PARTUUID=${nobody} /srv ext4 defaults 0 2`],
  ['a volume that no disk has', 'fail', /is on none/, '/dev/vg0/data /srv ext4 defaults 0 2'],
  ['a mapping that nobody makes', 'fail', /is on none/, '/dev/mapper/home /srv ext4 defaults 0 2'],
  [
    'another type than is there',
    'fail',
    /is to be ext3, \/dev\/vda2 holds ext4/,
    `UUID=${rootId} /srv ext3 defaults 0 2`,
  ],
  ['swap as a file system', 'fail', /holds swap/, `UUID=${swapId} /srv auto defaults 0 2`],
  ['a pool that no disk has', 'fail', /the ZFS pool tank/, 'tank/data /srv zfs defaults 0 0'],
  [
    'an image that is not there',
    'fail',
    /\/srv\/cd\.iso for \/mnt does not exist/,
    '/srv/cd.iso /mnt iso9660 loop 0 0',
  ],
  ['no device where one is needed', 'fail', /names no device/, 'data /srv ext4 defaults 0 2'],
  ['a file system as swap', 'fail', /no swap area/, `UUID=${rootId} none swap sw 0 0`],
];

describe('[C11] lines of fstab that are no pass', () => {
  it.each(lines)('%s: %s', async (_, wanted, words, line) => {
    const { result, detail } = await proveFstab(work, `UUID=${rootId} / ext4 defaults 0 1\n${line}\n`, plain);
    expect(result, detail).toBe(wanted);
    expect(detail).toMatch(words);
  });

  it('what may be missing is only told', async () => {
    const optional = lines.flatMap(([, , , line]) =>
      line.includes(' bind ') || line.includes('\n') ? [] : [line.replace(/(defaults|sw|ro|loop) /, '$1,nofail ')],
    );
    const { result, detail } = await proveFstab(
      work,
      `UUID=${rootId} / ext4 defaults 0 1\n${optional.join('\n')}\n`,
      plain,
    );
    expect(result, detail).toBe('pass');
    expect(detail).toContain('/dev/vg0/data for /srv is on none');
  });

  it('a program on the machine knows its own type', async () => {
    const line = `UUID=${rootId} / ext4 defaults 0 1\nthing /mnt somefs defaults 0 0\n`;
    const { result } = await proveFstab(work, line, plain, { ...systemd, 'usr/sbin/mount.somefs': '' });
    expect(result).toBe('pass');
  });

  it('without systemd nobody makes the source of a bind, nor the place of a mount', async () => {
    const bind = `UUID=${rootId} / ext4 defaults 0 1\n/srv/a /mnt/a none bind 0 0\n`;
    expect((await proveFstab(work, bind, plain, {})).detail).toMatch(/\/srv\/a, bound to \/mnt\/a, does not exist/);
    const place = `UUID=${rootId} / ext4 defaults 0 1\nUUID=${bootId} /boot/efi vfat defaults 0 1\n`;
    expect((await proveFstab(work, place, plain, {})).result).toBe('fail');
    expect((await proveFstab(work, place.replace('vfat defaults', 'vfat X-mount.mkdir'), plain, {})).result).toBe(
      'pass',
    );
  });
});

describe('[C11] subvolumes in fstab', () => {
  const line = (options: string) => `UUID=${rootId} / btrfs subvol=@ 0 0\nUUID=${rootId} /home btrfs ${options} 0 0\n`;
  it.each([
    ['subvol=@home,subvolid=257', 'pass', /looked up/],
    // A restore makes them in its own order, and the kernel refuses the one with the other's number.
    ['subvol=@home,subvolid=261', 'fail', /is to have subvolid=261; restored, it has 257/],
    ['subvolid=261', 'fail', /restored, it has 257/],
    ['subvol=@/srv', 'fail', /the subvolume @\/srv, which does not exist/],
    ['subvol=@data', 'cannot-tell', /the subvolume @data, which was not looked for/],
  ])('%s: %s', async (options, wanted, words) => {
    const { result, detail } = await proveFstab(work, line(options), [btrfs, btrfsMounts]);
    expect(result, detail).toBe(wanted);
    expect(detail).toMatch(words);
  });
});

describe('[C11] one place twice in fstab', () => {
  it('is no mistake where a person mounts the one or the other', async () => {
    const text = '/dev/sdb1 /mnt/stick vfat noauto,user 0 0\n/dev/sdb2 /mnt/stick ext4 noauto,user 0 0\n';
    const subject = systemOf(work, { 'etc/fstab': text }, ...plain);
    expect((await fstabDoubles.run(subject))?.result ?? 'pass').toBe('pass');
  });
});
