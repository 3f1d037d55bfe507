import { SeekableError } from './error.ts';
import {
  frameMagic,
  hex32,
  maxFrames,
  seekableMagic,
  seekTableFooterSize,
  seekTableMagic,
  skippableHeaderSize,
  skippableMagicBase,
} from './format.ts';
import { FrameTable } from './frame-table.ts';
import { type RandomSource, readBytes } from './source.ts';

const checksumFlag = 0x80;
/** Bits that a later format may give a meaning that changes all the rest. */
const reservedBits = 0x7c;
/** Entries read, written or compared at a time, so that a table of any size takes small pieces only. */
const entriesAtATime = 1 << 16;

/** Bytes of an entry in the seek table of `table`. */
const entrySizeOf = (table: FrameTable): number => (table.columns.checksum ? 12 : 8);

/** Of the seek table's whole frame, bytes. */
function seekTableSize(table: FrameTable): number {
  return skippableHeaderSize + table.length * entrySizeOf(table) + seekTableFooterSize;
}

/**
 * The seek table's frame, to be written after the last frame. Checksums go in when the table has them.
 * @throws SeekableError too-large for a frame of 4 GiB or more
 */
export function encodeSeekTable(table: FrameTable): Uint8Array {
  const bytes = Buffer.alloc(seekTableSize(table));
  let at = 0;
  for (const part of seekTableParts(table)) at += part.copy(bytes, at);
  return bytes;
}

/** The same in pieces: header, entries, footer. */
function* seekTableParts(table: FrameTable): Generator<Buffer, void, void> {
  const header = Buffer.alloc(skippableHeaderSize);
  header.writeUInt32LE(seekTableMagic, 0);
  header.writeUInt32LE(seekTableSize(table) - skippableHeaderSize, 4);
  yield header;
  for (let first = 0; first < table.length; first += entriesAtATime)
    yield encodeEntries(table, first, Math.min(table.length, first + entriesAtATime));
  const footer = Buffer.alloc(seekTableFooterSize);
  footer.writeUInt32LE(table.length, 0);
  footer.writeUInt8(table.columns.checksum ? checksumFlag : 0, 4);
  footer.writeUInt32LE(seekableMagic, 5);
  yield footer;
}

function encodeEntries(table: FrameTable, from: number, to: number): Buffer {
  const withChecksums = table.columns.checksum;
  const bytes = Buffer.alloc((to - from) * entrySizeOf(table));
  let at = 0;
  for (let index = from; index < to; index += 1) {
    const { compressedSize, uncompressedSize, checksum } = table.place(index);
    if (compressedSize > 0xffffffff || uncompressedSize > 0xffffffff)
      throw new SeekableError('too-large', `frame ${index}: a seek table holds sizes below 4 GiB`);
    at = bytes.writeUInt32LE(compressedSize, at);
    at = bytes.writeUInt32LE(uncompressedSize, at);
    if (withChecksums) at = bytes.writeUInt32LE(checksum ?? 0, at);
  }
  return bytes;
}

interface Footer {
  frames: number;
  entrySize: number;
  /** Where the seek table's frame begins. */
  offset: number;
}

/**
 * Reads the frame table that ends a seekable file, whoever wrote it. Its sizes must add up to where it begins.
 * @throws SeekableError no-seek-table, corrupt-seek-table, unsupported-seek-table, unreadable
 */
export async function readSeekTable(source: RandomSource): Promise<FrameTable> {
  const { frames, entrySize, offset } = await readFooter(source);
  await checkHeader(source, offset, frames * entrySize + seekTableFooterSize);
  // Room for all only when they were read: a hole in a file of a TiB is as good as a table.
  const table = new FrameTable(Math.min(frames, entriesAtATime));
  for (let first = 0; first < frames; first += entriesAtATime) {
    const count = Math.min(entriesAtATime, frames - first);
    const bytes = await readBytes(source, offset + skippableHeaderSize + first * entrySize, count * entrySize);
    for (let at = 0; at < bytes.length; at += entrySize)
      table.append({
        compressedSize: bytes.readUInt32LE(at),
        uncompressedSize: bytes.readUInt32LE(at + 4),
        ...(entrySize === 12 && { checksum: bytes.readUInt32LE(at + 8) }),
      });
  }
  if (table.compressedSize === offset) return table;
  throw new SeekableError(
    'corrupt-seek-table',
    `the seek table begins at offset ${offset}, but its ${frames} frames add up to ${table.compressedSize} bytes`,
    { offset },
  );
}

async function readFooter(source: RandomSource): Promise<Footer> {
  const smallest = skippableHeaderSize + seekTableFooterSize;
  if (source.size < smallest)
    throw new SeekableError('no-seek-table', `${source.size} bytes, and an empty seek table alone has ${smallest}`);
  const offset = source.size - seekTableFooterSize;
  const footer = await readBytes(source, offset, seekTableFooterSize);
  const magic = footer.readUInt32LE(5);
  if (magic !== seekableMagic)
    throw new SeekableError(
      'no-seek-table',
      `expected ${hex32(seekableMagic)} at offset ${offset + 5}, where the file ends, and found ${hex32(magic)}: ${await describeBegin(source)}`,
      { offset: offset + 5 },
    );
  const frames = footer.readUInt32LE(0);
  const descriptor = footer.readUInt8(4);
  if ((descriptor & reservedBits) !== 0)
    throw new SeekableError(
      'unsupported-seek-table',
      `the descriptor at offset ${offset + 4} is 0x${descriptor.toString(16)}: it uses reserved bits`,
      { offset: offset + 4 },
    );
  const entrySize = descriptor & checksumFlag ? 12 : 8;
  const begin = source.size - smallest - frames * entrySize;
  if (begin >= 0 && frames <= maxFrames) return { frames, entrySize, offset: begin };
  throw new SeekableError(
    'corrupt-seek-table',
    `the footer at offset ${offset} counts ${frames} frames: their table is larger than the file of ${source.size} bytes`,
    { offset },
  );
}

/** A file that was cut begins as it should; another kind of file does not. */
async function describeBegin(source: RandomSource): Promise<string> {
  const magic = (await readBytes(source, 0, 4)).readUInt32LE(0);
  const zstd = magic === frameMagic || (magic & 0xfffffff0) >>> 0 === skippableMagicBase;
  return zstd
    ? 'a zstd file that was cut, or was written without a seek table'
    : `no zstd file, it begins with ${hex32(magic)}`;
}

async function checkHeader(source: RandomSource, offset: number, expectedSize: number): Promise<void> {
  const header = await readBytes(source, offset, skippableHeaderSize);
  const magic = header.readUInt32LE(0);
  const size = header.readUInt32LE(4);
  if (magic !== seekTableMagic)
    throw new SeekableError(
      'corrupt-seek-table',
      `expected the seek table's ${hex32(seekTableMagic)} at offset ${offset} and found ${hex32(magic)}`,
      { offset },
    );
  if (size !== expectedSize)
    throw new SeekableError(
      'corrupt-seek-table',
      `the seek table at offset ${offset} says it has ${size} bytes; its footer makes them ${expectedSize}`,
      { offset: offset + 4 },
    );
}

/**
 * Compares the seek table in a file, byte by byte, with what `table` (from an index) says it must be.
 * Gives what is wrong with it, or undefined.
 */
export async function checkSeekTable(source: RandomSource, table: FrameTable): Promise<SeekableError | undefined> {
  const size = table.compressedSize + seekTableSize(table);
  if (source.size !== size)
    return new SeekableError('corrupt-seek-table', `the file has ${source.size} bytes; its frame table makes ${size}`, {
      offset: Math.min(size, source.size),
    });
  try {
    let begin = table.compressedSize;
    for (const part of seekTableParts(table)) {
      const found = await readBytes(source, begin, part.length);
      const differs = Buffer.compare(found, part) === 0 ? -1 : found.findIndex((byte, at) => byte !== part[at]);
      const at = begin + differs;
      begin += part.length;
      if (differs < 0) continue;
      return new SeekableError('corrupt-seek-table', `the seek table differs at offset ${at}`, { offset: at });
    }
    return undefined;
  } catch (error) {
    if (error instanceof SeekableError) return error;
    throw error;
  }
}
