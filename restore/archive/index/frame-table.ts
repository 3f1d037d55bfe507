import { FrameTable } from '@rekindle/zstd-seekable';
import type { Archive } from '../set-schema.ts';
import { readIndexBatches } from './index-reader.ts';
import type { FrameRecord } from './index-records.ts';

/** Two digests, which nothing compresses: what a frame of content takes in an index. Bytes. */
const leastOfFrame = 64;

/**
 * How many frames to make room for. The manifest's number is believed as far as the index, whose size was looked at, can hold
 * them; a table of more (frames that are all alike) grows as they come.
 */
export function roomForFrames({ frames, index }: Pick<Archive, 'frames' | 'index'>): number {
  return Math.max(1, Math.min(frames, Math.ceil(index.size / leastOfFrame)));
}

/**
 * Where an archive's frames are, with their digests, from its index; in memory that grows with the frames only.
 * @param room how many frames there will probably be (`roomForFrames`)
 * @param content false: without the digests of what the frames unpack to, two fifths of it
 * @throws RekindleError RK340 to RK342
 */
export async function readFrameTable(source: AsyncIterable<Buffer>, room = 64, content = true): Promise<FrameTable> {
  const table = new FrameTable(room);
  for await (const records of readIndexBatches(source, (text, start) => text[start] === 'F'))
    for (const record of records) if (record.kind === 'frame') appendFrame(table, record, content);
  return table;
}

/** @param content false: without the digest of what the frame unpacks to */
export function appendFrame(table: FrameTable, frame: FrameRecord, content: boolean): void {
  table.append({
    compressedSize: frame.archiveSize,
    uncompressedSize: frame.tarSize,
    sha256: Buffer.from(frame.sha256, 'hex'),
    ...(content && { contentSha256: Buffer.from(frame.tarSha256, 'hex') }),
  });
}
