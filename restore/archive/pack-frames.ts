import { type ByteReader, type Chunks, compressFrames, encodeSeekTable, FrameTable } from '@rekindle/zstd-seekable';
import type { ArchiveSink } from './archive-sink.ts';
import { frameMemory } from './frame-memory.ts';
import type { IndexWriter } from './index/index-writer.ts';

/** An archive's frames and their seek table. Bytes. */
export interface PackedFrames {
  /** Frames and seek table, before encryption. */
  size: number;
  frames: number;
  /** Of what was packed. */
  tarSize: number;
}

const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');

/**
 * Compresses a stream on all cores, writes its frames and notes each in the index. The archive is not complete without
 * `endFrames`: only whoever made the stream knows whether it was whole.
 * @throws what the input, the sink and the index throw
 */
export async function packFrames(
  input: Chunks | ByteReader,
  { sink, index, signal }: { sink: ArchiveSink; index: IndexWriter; signal: AbortSignal | undefined },
): Promise<FrameTable> {
  const table = new FrameTable();
  for await (const frame of compressFrames(input, { ...frameMemory(), ...(signal ? { signal } : {}) })) {
    await sink.write(frame.data);
    // Sizes only: the digests are in the index.
    table.append({ compressedSize: frame.compressedSize, uncompressedSize: frame.uncompressedSize });
    await index.addFrame({
      archiveOffset: frame.offset,
      archiveSize: frame.compressedSize,
      tarSize: frame.uncompressedSize,
      sha256: hex(frame.sha256),
      tarSha256: hex(frame.contentSha256),
    });
  }
  return table;
}

/** Writes the seek table, which makes the archive complete. */
export async function endFrames(table: FrameTable, sink: ArchiveSink): Promise<PackedFrames> {
  const seekTable = encodeSeekTable(table);
  await sink.write(seekTable);
  return {
    size: table.compressedSize + seekTable.length,
    frames: table.length,
    tarSize: table.uncompressedSize,
  };
}
