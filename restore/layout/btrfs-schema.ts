import * as z from 'zod';

export const subvolumeSchema = z.object({
  id: z.int().positive(),
  /** From the top level, without a leading slash: '@rootfs/var/lib/machines'. */
  path: z.string().min(1),
  uuid: z.string(),
  /** Set again when everything is in it. */
  readOnly: z.literal(true).optional(),
  /** A read-only snapshot: not in the set. */
  leftOut: z.literal(true).optional(),
});
export type Subvolume = z.infer<typeof subvolumeSchema>;

/** A btrfs, on the first of its devices; the others hold a `btrfs-member`. */
export const btrfsContentSchema = z.object({
  kind: z.literal('btrfs'),
  uuid: z.string(),
  label: z.string(),
  nodeBytes: z.int().positive(),
  sectorBytes: z.int().positive(),
  /** 'crc32c', 'xxhash64', 'sha256', 'blake2' */
  checksum: z.string(),
  /** Those that the saved machine's mkfs.btrfs lets one choose: 'no-holes': true. */
  features: z.record(z.string(), z.boolean()),
  /** Data and metadata in the same block groups. */
  mixed: z.boolean(),
  /** 'single', 'dup', 'raid1' ... */
  dataProfile: z.string(),
  metadataProfile: z.string(),
  deviceCount: z.int().positive(),
  /** In an order in which they can be made. Empty where it was not mounted. */
  subvolumes: z.array(subvolumeSchema),
  /** Path; '' is the top level. */
  defaultSubvolume: z.string(),
  /** As it was mounted: 'compress=zstd:3'. Without it the files may need more room than there was. */
  compression: z.string().optional(),
  quota: z
    .object({
      /** Bytes, by path; the top level is ''. */
      limits: z.array(z.object({ path: z.string(), referenced: z.int().optional(), exclusive: z.int().optional() })),
      /** Groups of a higher level: they do not come back. */
      groups: z.int().nonnegative(),
    })
    .optional(),
});
export type BtrfsContent = z.infer<typeof btrfsContentSchema>;

export const btrfsMemberSchema = z.object({
  kind: z.literal('btrfs-member'),
  uuid: z.string(),
  /** Its number among the devices. */
  deviceId: z.int().positive(),
});
export type BtrfsMember = z.infer<typeof btrfsMemberSchema>;
