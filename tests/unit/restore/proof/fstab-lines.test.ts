import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fstab } from '../../../../restore/proof/checks/fstab.ts';
import { fstabDoubles } from '../../../../restore/proof/checks/fstab-doubles.ts';
import { fstabRoot } from '../../../../restore/proof/checks/fstab-root.ts';
import { swap } from '../../../../restore/proof/checks/swap.ts';
import type { Device } from '../../../../restore/proof/devices.ts';
import type { MountedAt } from '../../../../restore/proof/subject.ts';
import { bootId, device, rootId, systemOf } from './families.ts';
import {
  arrayMounts,
  arrays,
  btrfs,
  btrfsMounts,
  encrypted,
  encryptedMounts,
  luksId,
  nobody,
  swapId,
} from './machines.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-fstab-'));
});
afterEach(() => rmSync(work, { recursive: true }));

const systemd = { 'usr/lib/systemd/systemd': '' };

/** What the three checks of /etc/fstab say together: 'pass', 'cannot-tell' or 'fail'. */
async function prove(
  text: string,
  [devices, mounts]: readonly [Device[], MountedAt[]],
  files: Record<string, string> = systemd,
) {
  const subject = systemOf(work, { 'etc/fstab': text, ...files }, devices, mounts);
  const verdicts = [await fstab.run(subject), await fstabRoot.run(subject), await swap.run(subject)];
  const results = verdicts.map((verdict) => verdict?.result ?? 'pass');
  return {
    result: results.includes('fail') ? 'fail' : results.includes('cannot-tell') ? 'cannot-tell' : 'pass',
    detail: verdicts.map((verdict) => verdict?.detail ?? '').join('\n'),
  };
}

const plain: [Device[], MountedAt[]] = [
  [
    device('/dev/vda1', { uuid: bootId, label: 'boot', content: 'vfat' }),
    device('/dev/vda2', { uuid: rootId, label: 'cloudimg-rootfs' }),
    device('/dev/vda3', { uuid: swapId, content: 'swap' }),
  ],
  [
    { at: '/', device: '/dev/vda2', type: 'ext4', within: '/' },
    { at: '/boot/efi', device: '/dev/vda1', type: 'vfat', within: '/' },
  ],
];
const lvm: [Device[], MountedAt[]] = [
  [
    device('/dev/vda1', { content: 'vfat', uuid: 'abcd-12ef' }),
    device('/dev/mapper/pve-root', { type: 'lvm', uuid: rootId }),
    device('/dev/mapper/pve-swap', { type: 'lvm', uuid: swapId, content: 'swap' }),
    device('/dev/mapper/ubuntu--vg-ubuntu--lv', { type: 'lvm', uuid: nobody, content: 'xfs' }),
  ],
  [{ at: '/', device: '/dev/mapper/pve-root', type: 'ext4', within: '/' }],
];

/** Files as the installers of distributions write them; every one is of a machine that starts. */
const sound: [string, string, readonly [Device[], MountedAt[]]][] = [
  [
    'Debian 13',
    `# <file system> <mount point> <type> <options> <dump> <pass>
UUID=${rootId} /               ext4    errors=remount-ro 0       1
UUID=${bootId.toUpperCase()}  /boot/efi       vfat    umask=0077      0       1
UUID=${swapId} none            swap    sw              0       0
/dev/sr0        /media/cdrom0   udf,iso9660 user,noauto     0       0
`,
    plain,
  ],
  [
    'Ubuntu cloud image',
    'LABEL=cloudimg-rootfs\t/\t ext4\tdiscard,errors=remount-ro\t0 1\nLABEL=boot\t/boot/efi\tvfat\tumask=0077\t0 1\n',
    plain,
  ],
  [
    'Ubuntu server on LVM',
    `/dev/disk/by-id/dm-name-pve-root / ext4 defaults 0 1
/dev/ubuntu-vg/ubuntu-lv /srv xfs defaults 0 1
/dev/disk/by-uuid/ABCD-12EF /boot/efi vfat defaults 0 1
/swap.img none swap sw,nofail 0 0
`,
    lvm,
  ],
  [
    'Proxmox',
    `/dev/pve/root / ext4 errors=remount-ro 0 1
UUID=ABCD-12EF /boot/efi vfat defaults 0 1
/dev/pve/swap none swap sw 0 0
proc /proc proc defaults 0 0
`,
    lvm,
  ],
  [
    'Fedora, LUKS and btrfs-less',
    `UUID=${rootId} / ext4 defaults,x-systemd.device-timeout=0 0 1
UUID=${bootId} /boot ext4 defaults 1 2
`,
    [encrypted, encryptedMounts],
  ],
  [
    'Rocky with its names of LUKS',
    `/dev/mapper/luks-${luksId} / ext4 defaults,x-systemd.device-timeout=0 1 1\nUUID=${bootId} /boot ext4 defaults 1 2\n`,
    [encrypted, encryptedMounts],
  ],
  [
    "Arch's genfstab on btrfs",
    `# /dev/nvme0n1p2 LABEL=arch
UUID=${rootId}	/         	btrfs     	rw,relatime,compress=zstd:3,ssd,space_cache=v2,subvolid=256,subvol=/@	0 0
UUID=${rootId}	/home     	btrfs     	rw,relatime,subvolid=257,subvol=/@home	0 0
UUID=ABCD-12EF	/boot     	vfat      	rw,relatime,fmask=0022,codepage=437	0 2
/dev/zram0	none	swap	defaults,pri=100	0 0
tmpfs /tmp tmpfs defaults,noatime,mode=1777 0 0
`,
    [btrfs, btrfsMounts],
  ],
  [
    'openSUSE',
    `UUID=${rootId}  /      btrfs  defaults                      0  0
UUID=${rootId}  /.snapshots  btrfs  subvol=/@/.snapshots  0  0
UUID=${rootId}  /home  btrfs  subvol=/@/home  0  0
UUID=${rootId}  /opt   btrfs  subvol=@/opt  0  0
UUID=${rootId}  /.top  btrfs  subvolid=5,noauto  0  0
`,
    [
      btrfs,
      [
        { at: '/', device: '/dev/vda2', type: 'btrfs', within: '/@/.snapshots/1/snapshot', subvolumeId: 268 },
        ...['/.snapshots', '/home', '/opt'].map((at) => {
          return { at, device: '/dev/vda2', type: 'btrfs', within: `/@${at}` };
        }),
      ],
    ],
  ],
  [
    "Hetzner's installimage, by names in the superblock",
    'proc /proc proc defaults 0 0\n/dev/md/0 none swap sw 0 0\n/dev/md/1 /boot ext3 defaults 0 0\n/dev/md/2 / ext4 defaults 0 0\n',
    [arrays(['rescue:0', 'rescue:1', 'rescue:2']), arrayMounts],
  ],
  [
    'arrays whose superblocks have no name, where only one fits',
    '/dev/md/0 none swap sw 0 0\n/dev/md/1 /boot ext3 defaults 0 0\n/dev/md/2 / ext4 defaults 0 0\n',
    [arrays([null, null, null]), arrayMounts],
  ],
  [
    'a server of files',
    `UUID=${rootId} / ext4 defaults 0 1
/mnt/disk*:/mnt/tape /srv/pool mergerfs allow_other,use_ino 0 0
/mnt/a /mnt/b fuse.bindfs map=a/b 0 0
user@host:/srv /mnt/ssh fuse.sshfs _netdev,allow_other 0 0
sshfs#user@host:/srv /mnt/old fuse defaults 0 0
https://cloud.example.net/dav /mnt/dav davfs user 0 0
//nas/share /mnt/smb cifs credentials=/root/smb 0 0
[2001:db8::1]:/export /mnt/nfs nfs4 defaults 0 0
srv1:/gv0 /mnt/g glusterfs defaults,_netdev 0 0
mon1,mon2:/ /mnt/ceph ceph name=admin 0 0
host0 /mnt/host 9p trans=virtio 0 0
share /mnt/vfs virtiofs defaults 0 0
rpc_pipefs /var/lib/nfs/rpc_pipefs rpc_pipefs defaults 0 0
nfsd /proc/fs/nfsd nfsd defaults 0 0
binfmt_misc /proc/sys/fs/binfmt_misc binfmt_misc defaults 0 0
fs-0abc:/ /mnt/efs efs _netdev,tls 0 0
debugfs /sys/kernel/debug debugfs defaults 0 0
bpffs /sys/fs/bpf bpf defaults 0 0
hugetlbfs /dev/hugepages hugetlbfs mode=1770 0 0
pstore /sys/fs/pstore pstore defaults 0 0
`,
    plain,
  ],
  [
    'NTFS by each of its drivers, and a label beyond ASCII',
    `UUID=${rootId} / ext4 defaults 0 1
UUID=3A5B1C2D4E5F6071 /mnt/a fuseblk defaults 0 0
UUID=3A5B1C2D4E5F6071 /mnt/b lowntfs-3g defaults 0 0
LABEL=Daten\\040\\303\\234bung /mnt/c ntfs-3g defaults 0 0
LABEL=Daten\\040Übung /mnt/d ntfs3 defaults 0 0
/dev/disk/by-label/Daten\\x20Übung /mnt/e fuse.ntfs-3g defaults 0 0
`,
    [encrypted, encryptedMounts],
  ],
  [
    'binds of what is there at run time',
    `UUID=${rootId} / ext4 defaults 0 1
/dev/pts /srv/chroot/dev/pts none bind 0 0
/dev/shm /srv/chroot/dev/shm none rbind 0 0
/proc /srv/chroot/proc none bind 0 0
/run/dbus /srv/chroot/run/dbus none bind,ro 0 0
/var/run/mysqld /srv/chroot/mysqld none bind 0 0
/srv/not-yet /srv/chroot/data none bind 0 0
`,
    plain,
  ],
];

describe('[C11] fstab of machines that start', () => {
  it.each(sound)('%s', async (_, text, machine) => {
    const { result, detail } = await prove(text, machine);
    expect(result, detail).toBe('pass');
  });
});

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
    const { result, detail } = await prove(`UUID=${rootId} / ext4 defaults 0 1\n${line}\n`, plain);
    expect(result, detail).toBe(wanted);
    expect(detail).toMatch(words);
  });

  it('what may be missing is only told', async () => {
    const optional = lines.flatMap(([, , , line]) =>
      line.includes(' bind ') || line.includes('\n') ? [] : [line.replace(/(defaults|sw|ro|loop) /, '$1,nofail ')],
    );
    const { result, detail } = await prove(`UUID=${rootId} / ext4 defaults 0 1\n${optional.join('\n')}\n`, plain);
    expect(result, detail).toBe('pass');
    expect(detail).toContain('/dev/vg0/data for /srv is on none');
  });

  it('a program on the machine knows its own type', async () => {
    const line = `UUID=${rootId} / ext4 defaults 0 1\nthing /mnt somefs defaults 0 0\n`;
    const { result } = await prove(line, plain, { ...systemd, 'usr/sbin/mount.somefs': '' });
    expect(result).toBe('pass');
  });

  it('without systemd nobody makes the source of a bind, nor the place of a mount', async () => {
    const bind = `UUID=${rootId} / ext4 defaults 0 1\n/srv/a /mnt/a none bind 0 0\n`;
    expect((await prove(bind, plain, {})).detail).toMatch(/\/srv\/a, bound to \/mnt\/a, does not exist/);
    const place = `UUID=${rootId} / ext4 defaults 0 1\nUUID=${bootId} /boot/efi vfat defaults 0 1\n`;
    expect((await prove(place, plain, {})).result).toBe('fail');
    expect((await prove(place.replace('vfat defaults', 'vfat X-mount.mkdir'), plain, {})).result).toBe('pass');
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
    const { result, detail } = await prove(line(options), [btrfs, btrfsMounts]);
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
