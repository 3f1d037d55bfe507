/**
 * What a medium may need that no device announces by its modalias: file systems, and disk drivers that
 * hang below a bus driver. Controllers are found by coldplug. The builder puts these into the initrd.
 */
export const mediumModules = [
  'loop',
  'squashfs',
  'overlay',
  'isofs',
  'udf',
  'vfat',
  'nls_cp437',
  'nls_ascii',
  'nls_utf8',
  'ext4',
  'sr_mod',
  'sd_mod',
  'usb_storage',
  'uas',
] as const;
