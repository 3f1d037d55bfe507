import { unpackingPrograms } from '../rescue/module-file.ts';
import { neededTools } from '../rescue/tools.ts';

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/**
 * Every program that `create` runs, by what makes it run them; `check` asks for the very same. Whoever lets `create` run another one adds
 * it here: a test compares this list with all calls of the runners.
 */
export const programs = {
  /** For any medium. */
  medium: words(`
    xorriso mksquashfs unshare chroot depmod modinfo zstd gzip fallocate dd du stat ls uname lsblk blkid findmnt mount
  `),
  /** For a backup besides. */
  backup: words('tar find sfdisk blockdev'),
  /** For a medium that boots by UEFI, under the name that most distributions give them. */
  uefi: words('grub-mkimage mformat mmd mcopy'),
  /** By blkid's TYPE of what is on a disk: what describes it. */
  types: {
    ...Object.fromEntries(['ext2', 'ext3', 'ext4'].map((type) => [type, words('dumpe2fs')])),
    xfs: words('xfs_info'),
    btrfs: words('btrfs mkfs.btrfs'),
    linux_raid_member: words('mdadm'),
    LVM2_member: words('pvs vgs lvs lvcreate lvremove vgcfgbackup'),
  } as Readonly<Record<string, readonly string[]>>,
  /** By the files of the kernel's modules. */
  modules: unpackingPrograms,
  /** Taken where they are: without them the report or the log says less, or a partition is copied whole. */
  helpful: words(`
    ldconfig logger lspci dmidecode ip lscpu systemd-detect-virt dpkg-query rpm pacman
    partclone.ntfs partclone.exfat partclone.hfsplus partclone.apfs partclone.reiser4 partclone.minix partclone.f2fs
    partclone.vfat partclone.ext2 partclone.ext3 partclone.ext4 partclone.xfs partclone.btrfs
  `),
} as const;

/** Programs for any medium of that kind, and those that the rescue system cannot do without. */
export function programsFor({ rescueOnly, firmware }: { rescueOnly: boolean; firmware: 'bios' | 'uefi' }): string[] {
  const backup = rescueOnly ? [] : programs.backup;
  // Restoring an EFI system partition and its boot entry takes these two.
  const boot = firmware === 'uefi' ? ['mkfs.fat', 'efibootmgr'] : [];
  return [...new Set([...programs.medium, ...backup, ...neededTools, ...boot])];
}
