import { ChunkReader } from './chunk-reader.ts';
import type { DecodeChecks } from './codec.ts';
import { type DamageReason, type FrameDamage, messageOf, SeekableError } from './error.ts';
import { maxFrameContent } from './format.ts';
import { outlineFrame } from './frame-header.ts';
import type { FramePlace, FrameTable } from './frame-table.ts';
import { type Fed, runFrames, type ThreadOptions } from './pipeline.ts';
import { type FrameSource, readFully } from './source.ts';
import type { JobResult } from './worker.ts';

export interface DecodeOptions extends ThreadOptions {
  /** First frame; the first of the source when not given. */
  from?: number;
  /** The frame to stop before; all when not given. */
  to?: number;
  /** False: zlib's documented calls only. */
  direct?: boolean;
}

export interface DecodedFrame {
  place: FramePlace;
  damage: FrameDamage | undefined;
  /** What the frame holds: shared memory that is used again once the next frame is asked for. */
  data: Uint8Array;
}

interface Tag {
  place: FramePlace;
  damage: FrameDamage | undefined;
}

/**
 * Reads frames [from, to), checks them against all that the table says of them, decompresses them if `checks` says
 * so, and gives them in order. A frame that cannot be had or used has `damage`; nothing is thrown for it.
 * @throws SeekableError out-of-range, too-large, codec
 */
export async function* decodeFrames(
  source: FrameSource,
  table: FrameTable,
  checks: DecodeChecks,
  options: DecodeOptions,
): AsyncGenerator<DecodedFrame, void, void> {
  const { from = 'chunks' in source ? source.firstFrame : 0, to = table.length, ...rest } = options;
  if (!(from >= 0 && from <= to && to <= table.length))
    throw new SeekableError('out-of-range', `there are no frames ${from} to ${to}: the table has ${table.length}`);
  const largest = table.largest(from, to, maxFrameContent);
  const bytes = frameBytes(source, table, from);
  let next = from;
  const finished = runFrames<Tag>({
    ...rest,
    inputSize: largest.compressed,
    outputSize: checks.decompress ? largest.uncompressed : 0,
    release: () => bytes.close(),
    async feed(input) {
      if (next >= to) return undefined;
      const place = table.place(next);
      next += 1;
      return feedFrame(place, input, bytes, checks);
    },
  });
  for await (const { tag, result, output } of finished) {
    const { place } = tag;
    const damage = tag.damage ?? judge(place, result, table);
    yield { place, damage, data: output.subarray(0, damage || !checks.decompress ? 0 : place.uncompressedSize) };
  }
}

async function feedFrame(
  place: FramePlace,
  buffer: Uint8Array,
  bytes: FrameBytes,
  checks: DecodeChecks,
): Promise<Fed<Tag>> {
  if (Math.max(place.compressedSize, place.uncompressedSize) > maxFrameContent) {
    const detail = `the table gives it ${place.compressedSize} and ${place.uncompressedSize} bytes: too many for a frame`;
    return { tag: { place, damage: damageOf(place, 'structure', detail) } };
  }
  const input = buffer.subarray(0, place.compressedSize);
  let got: number;
  try {
    got = await bytes.read(input, place);
  } catch (cause) {
    return { tag: { place, damage: { ...damageOf(place, 'unreadable', messageOf(cause)), cause } } };
  }
  if (got < input.length) {
    const detail = `the source ends after ${got} of its ${input.length} bytes`;
    return { tag: { place, damage: damageOf(place, 'truncated', detail) } };
  }
  const outline = outlineFrame(input);
  const problem = typeof outline === 'string' ? outline : disagreement(outline, place);
  if (problem !== undefined) return { tag: { place, damage: damageOf(place, 'structure', problem) } };
  const skippable = typeof outline === 'object' && outline.skippable;
  const decode = { ...checks, decompress: checks.decompress && !skippable };
  const outputLength = decode.decompress ? place.uncompressedSize : 0;
  return { tag: { place, damage: undefined }, job: { inputLength: input.length, outputLength, decode } };
}

function disagreement(
  { contentSize, checksum }: { contentSize: number | undefined; checksum: number | undefined },
  place: FramePlace,
): string | undefined {
  if (contentSize !== undefined && contentSize !== place.uncompressedSize)
    return `the frame holds ${contentSize} bytes, the table says ${place.uncompressedSize}`;
  if (checksum !== undefined && place.checksum !== undefined && checksum !== place.checksum)
    return `the frame's checksum is ${checksum}, the table says ${place.checksum}`;
  return undefined;
}

/** What is wrong with a frame that its thread has looked at. */
function judge(place: FramePlace, result: JobResult | undefined, table: FrameTable): FrameDamage | undefined {
  if (!result || !('decoded' in result))
    throw new SeekableError('codec', `frame ${place.index}: ${result && 'failure' in result && result.failure}`);
  const { sha256, contentSha256, failure } = result.decoded;
  if (sha256 === undefined && contentSha256 === undefined)
    return failure === undefined ? undefined : damageOf(place, 'content', failure);
  const expected = table.frame(place.index);
  if (sha256 && expected.sha256 && Buffer.compare(sha256, expected.sha256) !== 0)
    return damageOf(place, 'digest', differing('its SHA-256', sha256, expected.sha256));
  if (failure !== undefined) return damageOf(place, 'content', failure);
  if (contentSha256 && expected.contentSha256 && Buffer.compare(contentSha256, expected.contentSha256) !== 0)
    return damageOf(place, 'content-digest', differing("its content's SHA-256", contentSha256, expected.contentSha256));
  return undefined;
}

function differing(what: string, found: Uint8Array, expected: Uint8Array): string {
  const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');
  return `${what} is ${hex(found)}, expected ${hex(expected)}`;
}

function damageOf(place: FramePlace, reason: DamageReason, detail: string): FrameDamage {
  const { index, offset, compressedSize, uncompressedOffset, uncompressedSize } = place;
  return { index, reason, detail, offset, compressedSize, uncompressedOffset, uncompressedSize };
}

/** Where frames come from; both kinds of source look alike from here. */
interface FrameBytes {
  /** Fills `target` with the frame; gives how much of it there was. */
  read(target: Uint8Array, place: FramePlace): Promise<number>;
  close(): void;
}

function frameBytes(source: FrameSource, table: FrameTable, from: number): FrameBytes {
  if (!('chunks' in source))
    return { read: (target, { offset }) => readFully(source, target, offset), close: () => undefined };
  if (from < source.firstFrame)
    throw new SeekableError('out-of-range', `the stream begins with frame ${source.firstFrame}, after frame ${from}`);
  const reader = new ChunkReader(source.chunks);
  let ahead = from < table.length ? table.place(from).offset - table.place(source.firstFrame).offset : 0;
  let failure: { error: unknown } | undefined;
  return {
    async read(target) {
      if (failure) throw failure.error; // the stream is gone, and with it all frames that follow
      try {
        ahead -= await reader.skip(ahead);
        return ahead > 0 ? 0 : await reader.read(target);
      } catch (error) {
        failure = { error };
        throw error;
      }
    },
    close: () => reader.close(),
  };
}
