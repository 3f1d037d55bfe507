/** RK44x: file systems while saving and restoring; RK37x: raw archives and snapshots of file systems. */
export const fileSystemErrors = {
  RK440: {
    title: 'An XFS file system has a property that cannot be made again.',
    hint: 'Unmount it (and take it out of /etc/fstab) to have it saved as it lies on the device, or move its files to a plain XFS.',
  },
  RK441: {
    title: 'A btrfs has a property that cannot be made again.',
    hint: 'Remove what is named (rename the subvolume, bring the missing device back), or unmount the file system to save the rest.',
  },
  RK442: {
    title: 'An f2fs has a property that cannot be made again.',
    hint: 'Unmount it (and take it out of /etc/fstab) to have it saved as it lies on the device, or move its files to a plain f2fs.',
  },
  RK443: {
    title: 'A file system keeps its journal, its log or a part of its data on another device.',
    hint: 'Move its files to a file system on one device. Or leave its whole disk out: unmount all that lies on it, and take that out of /etc/fstab.',
  },
  RK370: {
    title: 'A partition that is saved as it is must not be in use.',
    hint: 'Unmount it, or leave all such partitions out with --no-raw.',
  },
  RK371: {
    title: 'A partition that is saved as it is cannot be read.',
    hint: 'Look at the log of the kernel ("dmesg"), or leave all such partitions out with --no-raw.',
  },
  RK373: {
    title: 'An LVM snapshot became full while it was read.',
    hint: 'Leave more free extents in the volume group, save when less is written, or use --snapshot never with hooks that stop what writes.',
  },
  RK372: {
    title: 'A partition could not be written as it was.',
    hint: 'Look at the log of the kernel ("dmesg"); try another disk.',
  },
} as const;
