import { open } from 'node:fs/promises';
import * as z from 'zod';

/** An f2fs as its superblock and checkpoint tell it (include/linux/f2fs_fs.h), with all that mkfs.f2fs can be told. */
export const f2fsContentSchema = z.object({
  kind: z.literal('f2fs'),
  uuid: z.string(),
  label: z.string(),
  blockBytes: z.int().positive(),
  blockCount: z.int().positive(),
  segmentsPerSection: z.int().positive(),
  sectionsPerZone: z.int().positive(),
  /** As mkfs.f2fs is told them; '0x8000' where it has no name for one. */
  features: z.array(z.string()),
  /** Names without regard to case. */
  encoding: z.object({ name: z.string(), strict: z.boolean() }).optional(),
  /** mkfs.f2fs -i: room for more inodes. */
  extendedNodeBitmap: z.literal(true).optional(),
  /** Endings of names whose files are written beside others that seldom, or often, change. */
  extensions: z.object({ cold: z.array(z.string()), hot: z.array(z.string()) }),
  /** Share of the space that is kept back for its cleaner, per cent; absent: mkfs chooses, as it must on another size. */
  overprovisionPercent: z.number().positive().optional(),
});
export type F2fsContent = z.infer<typeof f2fsContentSchema>;

const superblockAt = 1024;
const magic = 0xf2f52010;
const largeNodeBitmap = 0x400;
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
    const superblock = await read(superblockAt, 3072);
    if (superblock.readUInt32LE(0) !== magic) return null;
    const blockBytes = 2 ** superblock.readUInt32LE(16);
    return parseF2fs(superblock, await read(superblock.readUInt32LE(76) * blockBytes, 4096));
  } finally {
    await file.close();
  }
}

/** Pure. @param checkpoint the first block of either checkpoint: what is read of it never changes */
export function parseF2fs(superblock: Buffer, checkpoint: Buffer): F2fsRead {
  const word = (at: number): number => superblock.readUInt32LE(at);
  // With project ids alone mkfs.f2fs sets "quota" too, but makes no files for users and groups.
  const hasQuotaFiles = word(2745) !== 0 || word(2749) !== 0;
  const features = featuresOf(word(2180)).filter((name) => name !== 'quota' || hasQuotaFiles);
  const [reserved, overprovision] = [checkpoint.readUInt32LE(24), checkpoint.readUInt32LE(28)];
  const percent = word(24) * word(28) === 1 ? overprovisionPercent({ reserved, overprovision, main: word(68) }) : null;
  const content: F2fsContent = {
    kind: 'f2fs',
    uuid: superblock.toString('hex', 108, 124).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    label: superblock.toString('utf16le', 124, 1148).replace(/\0.*$/s, ''),
    blockBytes: 2 ** word(16),
    blockCount: Number(superblock.readBigUInt64LE(36)),
    segmentsPerSection: word(24),
    sectionsPerZone: word(28),
    features,
    ...(features.includes('casefold') ? { encoding: encodingOf(superblock) } : {}),
    ...((checkpoint.readUInt32LE(132) & largeNodeBitmap) === 0 ? {} : { extendedNodeBitmap: true as const }),
    extensions: extensionsOf(superblock),
    ...(percent === null ? {} : { overprovisionPercent: percent }),
  };
  // The first of the eight is the device itself, and is named only where there are more.
  return { content, moreDevices: superblock.readUInt8(2201 + 68) !== 0 };
}

function featuresOf(bits: number): string[] {
  return Array.from({ length: 32 }, (_, bit) => bit)
    .filter((bit) => ((bits >>> bit) & 1) === 1)
    .map((bit) => featureNames[bit] ?? `0x${(2 ** bit).toString(16)}`);
}

function encodingOf(superblock: Buffer): { name: string; strict: boolean } {
  const number = superblock.readUInt16LE(2758);
  return { name: number === 1 ? 'utf8' : `${number}`, strict: (superblock.readUInt16LE(2760) & 1) === 1 };
}

function extensionsOf(superblock: Buffer): F2fsContent['extensions'] {
  const cold = superblock.readUInt32LE(1148);
  const names = Array.from({ length: cold + superblock.readUInt8(2757) }, (_, index) =>
    superblock.toString('latin1', 1152 + 8 * index, 1160 + 8 * index).replace(/\0.*$/s, ''),
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
  // reserved = 2 * (100 / percent + 1) + 6, kept = room * percent / 100; both cut off.
  if (kept < 0 || room <= 0 || reserved <= 8) return null;
  const low = Math.max((100 * kept) / room, 200 / (reserved - 7));
  const high = Math.min((100 * (kept + 1)) / room, 200 / (reserved - 8));
  return low < high ? Number(((low + high) / 2).toFixed(6)) : null;
}
