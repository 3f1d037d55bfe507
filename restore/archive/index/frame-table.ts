import { FrameTable } from '@rekindle/zstd-seekable';
import { readIndexBatches } from './index-reader.ts';

/**
 * Where an archive's frames are, with their digests, from its index; in memory that grows with the frames only.
 * @param content false: without the digests of what the frames unpack to, two fifths of it
 * @throws RekindleError RK340 to RK342
 */
export async function readFrameTable(source: AsyncIterable<Buffer>, frames = 64, content = true): Promise<FrameTable> {
  const table = new FrameTable(frames);
  for await (const records of readIndexBatches(source, (text, start) => text[start] === 'F'))
    for (const record of records)
      if (record.kind === 'frame')
        table.append({
          compressedSize: record.archiveSize,
          uncompressedSize: record.tarSize,
          sha256: Buffer.from(record.sha256, 'hex'),
          ...(content && { contentSha256: Buffer.from(record.tarSha256, 'hex') }),
        });
  return table;
}
