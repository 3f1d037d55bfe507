import { FrameTable } from '@rekindle/zstd-seekable';
import { readIndexBatches } from './index-reader.ts';
import type { FrameRecord } from './index-records.ts';

/**
 * Where an archive's frames are, with their digests, from its index; in memory that grows with the frames only.
 * @param content false: without the digests of what the frames unpack to, two fifths of it
 * @throws RekindleError RK340 to RK342
 */
export async function readFrameTable(source: AsyncIterable<Buffer>, frames = 64, content = true): Promise<FrameTable> {
  const table = new FrameTable(frames);
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
