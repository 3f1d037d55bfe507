import * as z from 'zod';
import { machineSchema } from '../archive/set-schema.ts';
import { btrfsContentSchema, btrfsMemberSchema } from './btrfs-schema.ts';
import { f2fsContentSchema } from './f2fs-superblock.ts';
import { rawContentSchema } from './raw.ts';
import {
  arrayMemberSchema,
  arraySchema,
  groupMemberSchema,
  groupSchema,
  luksContentSchema,
  originSchema,
} from './stack-schema.ts';
import { swapFileSchema } from './swap-file.ts';
import {
  diskIdSchema,
  fewSchema,
  kernelNameSchema,
  loaderSchema,
  longTextSchema,
  mountedSubvolumeSchema,
  mountOptionsSchema,
  mountPointSchema,
  nameSchema,
  nodeIdSchema,
  optionalUuidSchema,
  relativePathSchema,
  storedOptionSchema,
  textSchema,
  unitSchema,
  uuidSchema,
} from './words-schema.ts';
import { xfsContentSchema } from './xfs.ts';

/** Thousands of partitions. Characters. */
const longestTable = 1 << 20;

/**
 * A machine's storage as saved: layout/layout.json. Devices are named by ids of the layout
 * ('disk0', 'disk0:5'), never by /dev names, for the target's names differ. Sizes in bytes.
 */
export const layoutDiskSchema = z.object({
  id: diskIdSchema,
  /** Name on the saved machine, for people: 'sda'. */
  name: kernelNameSchema,
  model: textSchema,
  serial: textSchema.nullable(),
  wwn: textSchema.nullable(),
  sizeBytes: z.int().positive(),
  logicalSectorBytes: unitSchema,
  transport: textSchema.nullable(),
  /** The exact output of `sfdisk -d`; null for a disk without a table. */
  table: longTextSchema.max(longestTable, 'it is longer than any partition table').nullable(),
});
export type LayoutDisk = z.infer<typeof layoutDiskSchema>;

const most32Bits = 2 ** 32 - 1;

/** What a partition (later: a logical volume ...) holds. One member a file system, each in a file of its own. */
export const extContentSchema = z.object({
  kind: z.enum(['ext2', 'ext3', 'ext4']),
  uuid: uuidSchema,
  label: textSchema,
  blockBytes: unitSchema,
  blockCount: z.int().positive(),
  inodeBytes: unitSchema,
  inodeCount: z.int().positive(),
  reservedBlocks: z.int().nonnegative(),
  /** As dumpe2fs names them. */
  features: z.array(nameSchema),
  defaultMountOptions: z.array(nameSchema),
  hashSeed: uuidSchema.nullable(),
  journalBlocks: z.int().nonnegative().nullable(),
  errorsBehavior: z.enum(['continue', 'remount-ro', 'panic']),
  maxMountCount: z.int().min(-1).max(65535),
  checkIntervalSeconds: z.int().nonnegative().max(most32Bits),
  /** Below: only where it differs from what mke2fs does by itself with the features above. */
  flexGroupSize: z.int().positive().optional(),
  clusterBytes: unitSchema.optional(),
  blocksPerGroup: z.int().positive().optional(),
  /** Room for growth that resize_inode keeps. */
  reservedGdtBlocks: z.int().positive().optional(),
  raidStride: z.int().positive().optional(),
  raidStripeWidth: z.int().positive().optional(),
  /** 'half_md4', 'tea', 'legacy'. */
  hashAlgorithm: nameSchema.optional(),
  fastCommitBlocks: z.int().positive().optional(),
  /** 'usrquota', 'grpquota', 'prjquota'. */
  quotaTypes: z.array(nameSchema).optional(),
  /** 'utf8-12.1' */
  encoding: nameSchema.optional(),
  /** Backup block groups of sparse_super2. */
  backupGroups: z.int().nonnegative().optional(),
  /** Mount options kept in the superblock as text (tune2fs -E mount_opts=). */
  extendedMountOptions: storedOptionSchema.optional(),
  reservedUid: z.int().nonnegative().max(most32Bits).optional(),
  reservedGid: z.int().nonnegative().max(most32Bits).optional(),
});
export type ExtContent = z.infer<typeof extContentSchema>;
export const vfatContentSchema = z.object({
  kind: z.literal('vfat'),
  /** 'ABCD-1234' */
  volumeId: z.string().regex(/^[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}$/, 'is no volume id'),
  label: textSchema,
  fatBits: z.union([z.literal(12), z.literal(16), z.literal(32)]),
  sectorBytes: unitSchema,
  sectorsPerCluster: fewSchema,
  /** The rest of the BIOS parameter block; absent in layouts that do not know it. */
  geometry: z
    .object({
      reservedSectors: z.int().positive(),
      fatCount: fewSchema,
      /** 0 on FAT32. */
      rootEntries: z.int().nonnegative(),
      totalSectors: z.int().positive(),
      mediaByte: z.int().nonnegative().max(255),
      hiddenSectors: z.int().nonnegative(),
      heads: z.int().nonnegative(),
      sectorsPerTrack: z.int().nonnegative(),
    })
    .optional(),
});
export type VfatContent = z.infer<typeof vfatContentSchema>;
export const swapContentSchema = z.object({ kind: z.literal('swap'), uuid: optionalUuidSchema, label: textSchema });
export type SwapContent = z.infer<typeof swapContentSchema>;
export const contentSchema = z.discriminatedUnion('kind', [
  extContentSchema,
  vfatContentSchema,
  swapContentSchema,
  xfsContentSchema,
  btrfsContentSchema,
  btrfsMemberSchema,
  f2fsContentSchema,
  rawContentSchema,
  luksContentSchema,
  arrayMemberSchema,
  groupMemberSchema,
]);
export type Content = z.infer<typeof contentSchema>;

const nodeFields = z.object({
  /** 'disk0:5': partition 5 of disk0; 'disk0', 'md:NAME', 'crypt:NAME', 'lv:vg0/root'. */
  id: nodeIdSchema,
  origin: originSchema,
  sizeBytes: z.int().positive(),
  /** Null: nothing known on it (BIOS boot partition, extended partition, empty). */
  content: contentSchema.nullable(),
  /** Where the saved machine had it mounted and with which options; null when it was not. */
  mount: z.object({ at: mountPointSchema, options: mountOptionsSchema }).nullable(),
  /** Of a btrfs: every place where one of its subvolumes (path from the top level, '' for that) was mounted. */
  mounts: z
    .array(z.object({ at: mountPointSchema, options: mountOptionsSchema, subvolume: mountedSubvolumeSchema }))
    .optional(),
  /** Used bytes when saved; null when unknown. */
  usedBytes: z.int().nonnegative().nullable(),
  /** What is there but not in the set ('ntfs "Windows"'): created empty by a restore, so people must be told. */
  notSaved: textSchema.optional(),
});
/** Layouts of versions that knew only partitions have `disk` and `partition` instead of an origin. */
const oldNodeSchema = z.looseObject({ disk: z.string(), partition: z.int().positive(), origin: z.undefined() });
export const layoutNodeSchema = z.preprocess((value) => {
  const old = oldNodeSchema.safeParse(value);
  if (!old.success) return value;
  const { disk, partition, ...rest } = old.data;
  return { ...rest, origin: { type: 'partition', disk, number: partition } };
}, nodeFields);
export type LayoutNode = z.infer<typeof layoutNodeSchema>;

export const bootSchema = z.object({
  firmware: z.enum(['bios', 'uefi']),
  /** Boot loader found on the saved machine. */
  loader: z.enum(['grub2', 'none']),
  /** Disk whose first sector holds it (BIOS). */
  disk: diskIdSchema.nullable(),
  /** All disks whose first sectors hold it, where there are several: members of an array. */
  disks: z.array(diskIdSchema).optional(),
  /** Node of the EFI system partition (UEFI). */
  esp: nodeIdSchema.nullable(),
  /** NVRAM entries in order, those that point to the ESP: label and path such as '\\EFI\\debian\\shimx64.efi'. */
  efiEntries: z.array(z.object({ label: textSchema, loader: loaderSchema })),
  /** Name of GRUB's installer on the saved machine; 'grub-install' where absent. */
  installer: z.enum(['grub-install', 'grub2-install']).optional(),
  /** Files of the ESP below EFI/, paths relative to the ESP ('EFI/debian/shimx64.efi'). */
  espFiles: z.array(relativePathSchema).optional(),
});
export type Boot = z.infer<typeof bootSchema>;

export const layoutSchema = z.object({
  format: z.literal(1),
  machine: machineSchema,
  disks: z.array(layoutDiskSchema),
  nodes: z.array(layoutNodeSchema),
  arrays: z.array(arraySchema).default([]),
  groups: z.array(groupSchema).default([]),
  /** Files that are swapped to. */
  swapFiles: z.array(swapFileSchema).optional(),
  /** Whether /etc/lvm/devices/system.devices names the disks that LVM may look at. */
  lvmDevicesFile: z.boolean().optional(),
  boot: bootSchema,
});
export type Layout = z.infer<typeof layoutSchema>;
