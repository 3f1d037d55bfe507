import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Device } from '../../../../restore/proof/device.ts';
import type { MountedAt } from '../../../../restore/proof/mounted-at.ts';
import { bootId, rootId } from './families.ts';
import { arrayMounts, arrays, btrfs, btrfsMounts, encrypted, encryptedMounts, luksId, swapId } from './machines.ts';
import { lvm, plain, proveFstab } from './prove-fstab.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-fstab-'));
});
afterEach(() => rmSync(work, { recursive: true }));

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
    const { result, detail } = await proveFstab(work, text, machine);
    expect(result, detail).toBe('pass');
  });
});
