function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Tools of the rescue system by group. `needed` ones stop `create` when they are missing, the others are taken if there. */
export const neededTools = words(`
  bash sh cat ls cp mv rm ln mkdir rmdir chmod chown sync stat touch true false echo env test sleep head tail
  sort uniq wc cut tr tee dd df du date uname id readlink realpath basename dirname sha256sum chroot grep sed
  find xargs tar zstd gzip mount umount lsblk blkid findmnt wipefs losetup swapon swapoff mkswap sfdisk blockdev
  dmesg setsid mke2fs e2fsck tune2fs dumpe2fs resize2fs chattr lsattr udevadm modprobe lsmod insmod rmmod
  modinfo depmod
`);

export const optionalTools = words(`
  fdisk cfdisk sgdisk gdisk parted partprobe partx mkfs.ext4 mkfs.ext3 mkfs.ext2 fsck fsck.ext4 debugfs e2label
  mkfs.fat mkfs.vfat fsck.fat fsck.vfat fatlabel mkfs.xfs xfs_repair xfs_admin mkfs.btrfs btrfs ddrescue
  smartctl hdparm nvme eject mdadm lvm lvs vgs pvs vgchange lvchange pvcreate vgcreate lvcreate dmsetup
  cryptsetup efibootmgr partclone.restore xxd hexdump lspci lsusb lsscsi memtester setfacl getfacl setfattr
  getfattr getcap setcap ip ping ss ssh scp rsync curl wget dhclient udhcpc mount.nfs mount.cifs nano vi
  vim.tiny less more man ps top kill pgrep pkill free watch clear reset tput stty loadkeys setfont chvt openvt
  agetty login which file diff cmp awk mawk xz bzip2 cpio mountpoint nproc seq printf tty who hostname md5sum od
  truncate mknod mkfifo fallocate lscpu nice ionice timeout yes expr fuser lsof strace
`);

/** For the initrd's shell, when init stops there. */
export const initrdTools = ['bash', 'sh', 'ls', 'cat', 'mount', 'umount', 'dmesg', 'setsid', 'insmod'] as const;
