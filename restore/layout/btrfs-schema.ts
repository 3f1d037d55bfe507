import * as z from 'zod';
import {
  compressionSchema,
  fewSchema,
  mountedSubvolumeSchema,
  nameSchema,
  relativePathSchema,
  subvolumePathSchema,
  textSchema,
  unitSchema,
  unmountable,
  uuidSchema,
} from './words-schema.ts';

const subvolumeFields = z.object({
  id: z.int().positive(),
  /** From the top level, without a leading slash: '@rootfs/var/lib/machines'. */
  path: relativePathSchema,
  uuid: uuidSchema,
  /** Set again when everything is in it. */
  readOnly: z.literal(true).optional(),
  /** A read-only snapshot: not in the set. */
  leftOut: z.literal(true).optional(),
});
/** The path of one that comes back is a part of mount's options. */
export const subvolumeSchema = subvolumeFields.refine(
  ({ path, leftOut }) => leftOut === true || !unmountable.test(path),
  { path: ['path'], message: 'cannot be named in mount options' },
);
export type Subvolume = z.infer<typeof subvolumeSchema>;

/** A btrfs, on the first of its devices; the others hold a `btrfs-member`. */
export const btrfsContentSchema = z.object({
  kind: z.literal('btrfs'),
  uuid: uuidSchema,
  label: textSchema,
  nodeBytes: unitSchema,
  sectorBytes: unitSchema,
  /** 'crc32c', 'xxhash64', 'sha256', 'blake2' */
  checksum: nameSchema,
  /** Those that the saved machine's mkfs.btrfs lets one choose: 'no-holes': true. */
  features: z.record(nameSchema, z.boolean()),
  /** Data and metadata in the same block groups. */
  mixed: z.boolean(),
  /** 'single', 'dup', 'raid1' ... */
  dataProfile: nameSchema,
  metadataProfile: nameSchema,
  deviceCount: fewSchema,
  /** In an order in which they can be made. Empty where it was not mounted. */
  subvolumes: z.array(subvolumeSchema),
  /** Paths, as text for people, of subvolumes that no word of mount can name: not in the set. */
  notSaved: z.array(textSchema).optional(),
  /** Path; '' is the top level. */
  defaultSubvolume: mountedSubvolumeSchema,
  /** As it was mounted: 'compress=zstd:3'. Without it the files may need more room than there was. */
  compression: compressionSchema.optional(),
  quota: z
    .object({
      /** Bytes, by path; the top level is ''. */
      limits: z.array(
        z.object({
          path: subvolumePathSchema,
          referenced: z.int().nonnegative().optional(),
          exclusive: z.int().nonnegative().optional(),
        }),
      ),
      /** Groups of a higher level: they do not come back. */
      groups: z.int().nonnegative(),
    })
    .optional(),
});
export type BtrfsContent = z.infer<typeof btrfsContentSchema>;

export const btrfsMemberSchema = z.object({
  kind: z.literal('btrfs-member'),
  uuid: uuidSchema,
  /** Its number among the devices. */
  deviceId: z.int().positive(),
});
export type BtrfsMember = z.infer<typeof btrfsMemberSchema>;
