/** A part of a restore that can be done by itself. Without imports: the command line's help needs it. */
export const partScopes = ['layout', 'files', 'boot-loader'] as const;
export type PartScope = (typeof partScopes)[number];

/** Types that a file system can be made as, whatever it was. */
export const freshTypeNames = ['ext4', 'ext3', 'xfs', 'btrfs', 'f2fs'] as const;
export type FreshTypeName = (typeof freshTypeNames)[number];
