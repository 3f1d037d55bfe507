import { open } from 'node:fs/promises';
import * as z from 'zod';
import { nameSchema, textSchema, unitSchema, uuidSchema } from './words-schema.ts';

/** Up to eight bytes of the end of a name, in a list with commas. */
const extensionSchema = z.string().regex(/^(?!-)[^\p{Cc},/\s]{1,8}$/u, 'is no extension');

/** An f2fs as its superblock and checkpoint tell it (include/linux/f2fs_fs.h), with all that mkfs.f2fs can be told. */
export const f2fsContentSchema = z.object({
  kind: z.literal('f2fs'),
  uuid: uuidSchema,
  label: textSchema,
  blockBytes: unitSchema,
  blockCount: z.int().positive(),
  segmentsPerSection: z
    .int()
    .positive()
    .max(2 ** 20),
  sectionsPerZone: z
    .int()
    .positive()
    .max(2 ** 20),
  /** As mkfs.f2fs is told them; '0x8000' where it has no name for one. */
  features: z.array(nameSchema),
  /** Names without regard to case. */
  encoding: z.object({ name: nameSchema, strict: z.boolean() }).optional(),
  /** mkfs.f2fs -i: room for more inodes. */
  extendedNodeBitmap: z.literal(true).optional(),
  /** Endings of names whose files are written beside others that seldom, or often, change. */
  extensions: z.object({ cold: z.array(extensionSchema), hot: z.array(extensionSchema) }),
  /** Share of the space that is kept back for its cleaner, per cent; absent: mkfs chooses, as it must on another size. */
  overprovisionPercent: z.number().positive().max(100).optional(),
});
export type F2fsContent = z.infer<typeof f2fsContentSchema>;

/** Bytes: where the superblock lies, and its fields in it (struct f2fs_super_block, packed, little endian). */
const superblockAt = 1024;
const superblockBytes = 3072;
const field = {
  logBlockBytes: 16,
  segmentsPerSection: 24,
  sectionsPerZone: 28,
  blockCount: 36,
  mainSegments: 68,
  checkpointBlock: 76,
  uuid: 108,
  label: 124,
  coldExtensions: 1148,
  extensions: 1152,
  features: 2180,
  secondDevice: 2201 + 68,
  userQuotaFile: 2745,
  groupQuotaFile: 2749,
  hotExtensions: 2757,
  encoding: 2758,
  encodingFlags: 2760,
} as const;
/** The same of struct f2fs_checkpoint. */
const checkpointField = { reserved: 24, overprovision: 28, flags: 132 } as const;
const magic = 0xf2f52010;
const largeNodeBitmap = 0x400;
/** By their bits, as mkfs.f2fs -O takes them. */
const featureNames: readonly string[] = [
  ...['encrypt', 'blkzoned', 'atomic_write', 'extra_attr', 'project_quota', 'inode_checksum'],
  ...['flexible_inline_xattr', 'quota', 'inode_crtime', 'lost_found', 'verity', 'sb_checksum', 'casefold'],
  ...['compression', 'ro', 'device_alias'],
];

export interface F2fsRead {
  content: F2fsContent;
  /** Devices that it lies on beside its own. */
  moreDevices: boolean;
}

/** Null where there is no f2fs. @param device node or image file; it may be mounted */
export async function readF2fs(device: string): Promise<F2fsRead | null> {
  const file = await open(device, 'r');
  try {
    const read = async (at: number, length: number): Promise<Buffer> =>
      (await file.read(Buffer.alloc(length), 0, length, at)).buffer;
    const superblock = await read(superblockAt, superblockBytes);
    if (superblock.readUInt32LE(0) !== magic) return null;
    const logBlockBytes = superblock.readUInt32LE(field.logBlockBytes);
    // Larger than any page that Linux has: no f2fs, and a place beyond all numbers.
    if (logBlockBytes > 16) return null;
    const blockBytes = 2 ** logBlockBytes;
    return parseF2fs(superblock, await read(superblock.readUInt32LE(field.checkpointBlock) * blockBytes, 4096));
  } finally {
    await file.close();
  }
}

/** Pure. @param checkpoint the first block of either checkpoint: what is read of it never changes */
function parseF2fs(superblock: Buffer, checkpoint: Buffer): F2fsRead {
  const word = (at: number): number => superblock.readUInt32LE(at);
  const [segmentsPerSection, sectionsPerZone] = [word(field.segmentsPerSection), word(field.sectionsPerZone)];
  // With project ids alone mkfs.f2fs sets "quota" too, but makes no files for users and groups.
  const hasQuotaFiles = word(field.userQuotaFile) !== 0 || word(field.groupQuotaFile) !== 0;
  const features = featuresOf(word(field.features)).filter((name) => name !== 'quota' || hasQuotaFiles);
  const [reserved, overprovision] = [
    checkpoint.readUInt32LE(checkpointField.reserved),
    checkpoint.readUInt32LE(checkpointField.overprovision),
  ];
  const percent =
    segmentsPerSection * sectionsPerZone === 1
      ? overprovisionPercent({ reserved, overprovision, main: word(field.mainSegments) })
      : null;
  const content: F2fsContent = {
    kind: 'f2fs',
    uuid: superblock.toString('hex', field.uuid, field.uuid + 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    label: superblock.toString('utf16le', field.label, field.coldExtensions).replace(/\0.*$/s, ''),
    blockBytes: 2 ** word(field.logBlockBytes),
    blockCount: Number(superblock.readBigUInt64LE(field.blockCount)),
    segmentsPerSection,
    sectionsPerZone,
    features,
    ...(features.includes('casefold') ? { encoding: encodingOf(superblock) } : {}),
    ...((checkpoint.readUInt32LE(checkpointField.flags) & largeNodeBitmap) === 0
      ? {}
      : { extendedNodeBitmap: true as const }),
    extensions: extensionsOf(superblock),
    ...(percent === null ? {} : { overprovisionPercent: percent }),
  };
  // The first of the eight is the device itself, and is named only where there are more.
  return { content, moreDevices: superblock.readUInt8(field.secondDevice) !== 0 };
}

function featuresOf(bits: number): string[] {
  return Array.from({ length: 32 }, (_, bit) => bit)
    .filter((bit) => ((bits >>> bit) & 1) === 1)
    .map((bit) => featureNames[bit] ?? `0x${(2 ** bit).toString(16)}`);
}

function encodingOf(superblock: Buffer): { name: string; strict: boolean } {
  const number = superblock.readUInt16LE(field.encoding);
  return {
    name: number === 1 ? 'utf8' : `${number}`,
    strict: (superblock.readUInt16LE(field.encodingFlags) & 1) === 1,
  };
}

function extensionsOf(superblock: Buffer): F2fsContent['extensions'] {
  const cold = superblock.readUInt32LE(field.coldExtensions);
  const names = Array.from({ length: cold + superblock.readUInt8(field.hotExtensions) }, (_, index) =>
    superblock.toString('latin1', field.extensions + 8 * index, field.extensions + 8 * index + 8).replace(/\0.*$/s, ''),
  );
  return { cold: names.slice(0, cold), hot: names.slice(cold) };
}

/**
 * mkfs.f2fs is told a share, and writes numbers of segments: a share that gives the same numbers again, by the formulas of its
 * versions up to 1.15 for zones of one segment. Null where none does: mkfs chooses then what leaves most room for files.
 */
export function overprovisionPercent(segments: {
  reserved: number;
  overprovision: number;
  main: number;
}): number | null {
  const { reserved, overprovision, main } = segments;
  const kept = overprovision - reserved;
  const room = main - reserved;
  if (kept < 0 || room <= 0 || reserved <= 8) return null;
  const low = Math.max((100 * kept) / room, 200 / (reserved - 7));
  const high = Math.min((100 * (kept + 1)) / room, 200 / (reserved - 8));
  const middle = (low + high) / 2;
  // The two ranges may meet in their ends alone, and an end belongs to only one of them: the formulas are asked again.
  const found = [Number(middle.toFixed(6)), middle, low, high].find((percent) => {
    const again = segmentsKeptBack(percent, main);
    return again.reserved === reserved && again.overprovision === overprovision;
  });
  return found ?? null;
}

/** The numbers that mkfs.f2fs writes when it is told a share: each is cut off, not rounded. @param percent above 0 */
export function segmentsKeptBack(percent: number, main: number): { reserved: number; overprovision: number } {
  const reserved = Math.trunc(2 * (100 / percent + 1) + 6);
  return { reserved, overprovision: Math.trunc(((main - reserved) * percent) / 100) + reserved };
}
