/** RK44x: file systems while saving and restoring; RK37x: raw archives and snapshots of file systems. */
export const fileSystemErrors = {
  RK440: {
    title: 'An XFS file system has a property that cannot be made again.',
    hint: 'Unmount the file system (and take it out of /etc/fstab) to save the rest, or move its files to a plain XFS.',
  },
  RK441: {
    title: 'A btrfs has a property that cannot be made again.',
    hint: 'Remove what is named (rename the subvolume, bring the missing device back), or unmount the file system to save the rest.',
  },
} as const;
