import type { Distribution, Family } from './distribution.ts';

/** Package of a tool by family: one name where all agree. A list: several packages are needed. */
type Entry = string | Record<Family, string | readonly string[]>;

const utilLinux = 'util-linux';
const mount: Entry = { debian: 'mount', fedora: utilLinux, suse: utilLinux, arch: utilLinux };
const udev: Entry = { debian: 'udev', fedora: 'systemd-udev', suse: 'udev', arch: 'systemd' };
const syslinux: Entry = {
  debian: ['isolinux', 'syslinux-common'],
  fedora: ['syslinux', 'syslinux-nonlinux'],
  suse: 'syslinux',
  arch: 'syslinux',
};

/** Tools (and files) by the package that brings them. What is not named lies in a package of its own name. */
const table: Record<string, Entry> = {
  xorriso: { debian: 'xorriso', fedora: 'xorriso', suse: 'xorriso', arch: 'libisoburn' },
  mksquashfs: { debian: 'squashfs-tools', fedora: 'squashfs-tools', suse: 'squashfs', arch: 'squashfs-tools' },
  isolinux: syslinux,
  'grub-mkimage': { debian: 'grub-common', fedora: 'grub2-tools-extra', suse: 'grub2', arch: 'grub' },
  'grub-efi': {
    debian: 'grub-efi-amd64-bin',
    fedora: 'grub2-efi-x64-modules',
    suse: 'grub2-x86_64-efi',
    arch: 'grub',
  },
  mformat: 'mtools',
  mmd: 'mtools',
  mcopy: 'mtools',
  'mkfs.fat': 'dosfstools',
  sfdisk: { debian: 'fdisk', fedora: utilLinux, suse: utilLinux, arch: utilLinux },
  udevadm: udev,
  systemdUdevd: udev,
  xz: { debian: 'xz-utils', fedora: 'xz', suse: 'xz', arch: 'xz' },
  libatomic: { debian: 'libatomic1', fedora: 'libatomic', suse: 'libatomic1', arch: 'gcc-libs' },
  sh: { debian: 'dash', fedora: 'bash', suse: 'bash', arch: 'bash' },
  ldconfig: { debian: 'libc-bin', fedora: 'glibc', suse: 'glibc', arch: 'glibc' },
  logger: { debian: 'bsdutils', fedora: utilLinux, suse: utilLinux, arch: utilLinux },
  ip: { debian: 'iproute2', fedora: 'iproute', suse: 'iproute2', arch: 'iproute2' },
  'systemd-detect-virt': 'systemd',
  lspci: 'pciutils',
  cryptsetup: { debian: 'cryptsetup-bin', fedora: 'cryptsetup', suse: 'cryptsetup', arch: 'cryptsetup' },
  dmsetup: { debian: 'dmsetup', fedora: 'device-mapper', suse: 'device-mapper', arch: 'device-mapper' },
  thin_check: {
    debian: 'thin-provisioning-tools',
    fedora: 'device-mapper-persistent-data',
    suse: 'thin-provisioning-tools',
    arch: 'thin-provisioning-tools',
  },
};

const groups: [tools: string, entry: Entry][] = [
  ['mke2fs dumpe2fs tune2fs e2fsck resize2fs chattr lsattr', 'e2fsprogs'],
  ['mkfs.xfs xfs_info xfs_db', 'xfsprogs'],
  ['mkfs.btrfs btrfs', { debian: 'btrfs-progs', fedora: 'btrfs-progs', suse: 'btrfsprogs', arch: 'btrfs-progs' }],
  ['mkfs.f2fs fsck.f2fs', 'f2fs-tools'],
  ['modprobe depmod modinfo lsmod insmod rmmod', 'kmod'],
  ['mount umount losetup swapon swapoff', mount],
  ['findmnt lsblk blkid wipefs mkswap blockdev dmesg setsid unshare fallocate lscpu', utilLinux],
  ['find xargs', 'findutils'],
  ['lvm pvs vgs lvs pvcreate vgcreate lvcreate lvremove lvconvert vgchange lvchange vgcfgbackup vgcfgrestore', 'lvm2'],
  [
    'cat ls cp mv rm ln mkdir rmdir chmod chown sync stat touch mktemp true false echo env test sleep head tail sort uniq wc ' +
      'cut tr tee dd df du date uname id readlink realpath basename dirname sha256sum chroot',
    'coreutils',
  ],
];
for (const [tools, entry] of groups) for (const tool of tools.split(' ')) table[tool] = entry;
const ownPackage = 'nano mdadm bash grep sed gzip tar zstd bzip2 lz4 lzop efibootmgr dmidecode age minisign eject';
for (const tool of ownPackage.split(' ')) table[tool] = tool;
const partclone = 'restore info ntfs exfat hfsplus apfs reiser4 minix f2fs vfat ext2 ext3 ext4 xfs btrfs';
for (const name of partclone.split(' ')) table[`partclone.${name}`] = 'partclone';

/** The packages to install for a tool on this distribution; Debian's names where it is an unknown one. */
export function packagesOf(tool: string, distribution: Distribution): readonly string[] {
  return knownPackagesOf(tool, distribution) ?? [tool];
}

/** The same; null for a tool of which we do not know the package. */
export function knownPackagesOf(tool: string, distribution: Distribution): readonly string[] | null {
  const entry = Object.hasOwn(table, tool) ? table[tool] : undefined;
  if (entry === undefined) return null;
  if (typeof entry === 'string') return [entry];
  const found = entry[distribution.family ?? 'debian'];
  return typeof found === 'string' ? [found] : found;
}
