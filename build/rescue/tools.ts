function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Without these there is no restore: `create` stops when one is missing, `check` names its package. */
export const neededTools = words(`
  bash sh cat ls cp mv rm ln mkdir rmdir chmod chown sync stat touch mktemp true false echo env test sleep head tail
  sort uniq wc cut tr tee dd df du date uname id readlink realpath basename dirname sha256sum chroot grep sed
  find xargs tar zstd gzip mount umount lsblk blkid findmnt wipefs losetup swapon swapoff mkswap sfdisk blockdev unshare
  dmesg setsid mke2fs e2fsck tune2fs dumpe2fs resize2fs chattr lsattr udevadm modprobe lsmod insmod rmmod
  modinfo depmod
`);

/** Taken along where this machine has them, by group. */
export const optionalTools: Readonly<Record<string, readonly string[]>> = {
  disks: words(`
    fdisk cfdisk sgdisk gdisk parted partprobe partx ddrescue smartctl hdparm nvme eject sg_inq lsscsi
    dmsetup dmeventd mdadm mdmon lvm lvs vgs pvs vgchange lvchange pvcreate vgcreate lvcreate vgcfgrestore vgcfgbackup
    lvconvert cryptsetup thin_check thin_dump thin_repair partclone.restore partclone.info
  `),
  fileSystems: words(`
    mkfs.ext4 mkfs.ext3 mkfs.ext2 fsck fsck.ext4 debugfs e2label mkfs.fat mkfs.vfat fsck.fat fsck.vfat fatlabel
    mkfs.xfs xfs_repair xfs_admin xfs_info xfs_db mkfs.btrfs btrfs mkfs.f2fs fsck.f2fs ntfsfix mount.nfs mount.cifs fuser
  `),
  bootLoaders: words(`
    efibootmgr grub-install grub-mkconfig grub-mkimage grub-probe grub-bios-setup grub-editenv
    grub2-install grub2-mkconfig grub2-mkimage grub2-probe grub2-bios-setup
  `),
  network: words('ip ping ss ssh scp rsync curl wget dhclient dhcpcd udhcpc ethtool'),
  files: words(`
    nano vi vim.tiny less more man xxd hexdump od diff cmp awk mawk xz bzip2 lz4 lzop cpio file which md5sum
    setfacl getfacl setfattr getfattr getcap setcap truncate mknod mkfifo fallocate split age minisign
  `),
  machine: words(`
    ps top kill pgrep pkill killall free lspci lsusb lscpu nproc uptime lsof strace memtester fsfreeze
    hostname who tty nice ionice timeout yes expr seq printf watch mountpoint sysctl
  `),
  console: words('loadkeys setfont chvt openvt agetty login clear reset tput stty'),
};

/** For the initrd's shell, when init stops there. */
export const initrdTools = ['bash', 'sh', 'ls', 'cat', 'mount', 'umount', 'dmesg', 'setsid'] as const;
