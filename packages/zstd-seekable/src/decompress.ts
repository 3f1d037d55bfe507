import { type DecodedFrame, type DecodeOptions, decodeFrames } from './decode.ts';
import { damageError, type FrameDamage, SeekableError } from './error.ts';
import type { FramePlace, FrameTable } from './frame-table.ts';
import type { FrameSource, RandomSource } from './source.ts';

/** Up to this many frames the calling thread is done before another has started. */
const framesWithoutThreads = 2;

export interface DecompressedFrame {
  place: FramePlace;
  /** Shared memory that is used again once the next frame is asked for. Write it, or copy it. */
  data: Uint8Array;
}

/** A frame of which nothing came; `damage` says which bytes of the stream are missing. */
export interface MissingFrame {
  place: FramePlace;
  damage: FrameDamage;
}

/**
 * Decompresses frames on all cores and gives them in order, each checked against the table (SHA-256 of the frame, if
 * the table has it) and by zstd's checksum before it is given. The consumer's pace is the source's pace.
 * @throws SeekableError damaged-frame at the first damaged one, out-of-range, too-large
 */
export async function* decompressFrames(
  source: FrameSource,
  table: FrameTable,
  options: DecodeOptions = {},
): AsyncGenerator<DecompressedFrame, void, void> {
  for await (const { place, damage, data } of decoded(source, table, options)) {
    if (damage) throw damageError(damage);
    yield { place, data };
  }
}

/** The same, past damage: a damaged frame gives a `MissingFrame` in its place. */
export async function* decompressPastDamage(
  source: FrameSource,
  table: FrameTable,
  options: DecodeOptions = {},
): AsyncGenerator<DecompressedFrame | MissingFrame, void, void> {
  for await (const { place, damage, data } of decoded(source, table, options))
    yield damage ? { place, damage } : { place, data };
}

export interface RangeOptions extends Omit<DecodeOptions, 'from' | 'to'> {
  /** First byte, in the uncompressed stream. */
  offset: number;
  /** Bytes. */
  length: number;
}

/**
 * Bytes [offset, offset + length) of the uncompressed stream. Only the frames that hold them are read.
 * @throws SeekableError out-of-range, damaged-frame
 */
export async function* readRange(
  source: RandomSource,
  table: FrameTable,
  { offset, length, ...options }: RangeOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const end = offset + length;
  if (!(offset >= 0 && length >= 0 && end <= table.uncompressedSize))
    throw new SeekableError('out-of-range', `bytes ${offset} to ${end} of a stream of ${table.uncompressedSize}`);
  if (length === 0) return;
  const from = table.frameAt(offset);
  const to = table.frameAt(end - 1) + 1;
  const threads = to - from <= framesWithoutThreads ? { threads: 0 } : {};
  for await (const { place, data } of decompressFrames(source, table, { ...threads, ...options, from, to })) {
    const begin = place.uncompressedOffset;
    const part = data.subarray(Math.max(0, offset - begin), Math.min(data.length, end - begin));
    if (part.length > 0) yield part;
  }
}

function decoded(
  source: FrameSource,
  table: FrameTable,
  options: DecodeOptions,
): AsyncGenerator<DecodedFrame, void, void> {
  const checks = { digest: table.columns.sha256, decompress: true, contentDigest: false };
  return decodeFrames(source, table, checks, options);
}
