/**
 * What a medium may need that no device announces by its modalias, and what is cheap and nearly always needed.
 * Controllers, USB storage and the like are found by coldplug. All of it must be in the initrd, or in the kernel.
 */
export const alwaysNeeded = ['loop', 'squashfs', 'overlay', 'sd_mod', 'sr_mod'] as const;

/** Modules of each file system that a medium may have; loaded when such a file system is met. */
export const fileSystemModules = {
  iso9660: ['isofs'],
  udf: ['udf'],
  vfat: ['vfat', 'nls_cp437', 'nls_ascii', 'nls_iso8859_1', 'nls_utf8'],
  ext4: ['ext4'],
} as const;

/** Never loaded by init: a floppy drive without a disk holds every open(2) up for seconds, and no medium fits on one. */
export const neverNeeded = ['floppy'] as const;
