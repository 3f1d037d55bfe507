import type { Writable } from 'node:stream';
import type { Chunks } from './chunk-reader.ts';
import { type CompressedFrame, type CompressOptions, compressFrames, type StreamTotals } from './compress.ts';
import { FrameTable } from './frame-table.ts';
import { encodeSeekTable } from './seek-table.ts';

export interface WriteOptions extends CompressOptions {
  /** Called for each frame when it is written. Its `data` is gone afterwards. */
  onFrame?: (frame: CompressedFrame) => void;
}

export interface WrittenFile {
  /** With checksums and both digests. */
  table: FrameTable;
  totals: StreamTotals;
  /** Frames and seek table, bytes. */
  fileSize: number;
}

/** Compresses `input` into one seekable file. `output` is left open. Throws what either of them throws. */
export async function writeSeekable(
  input: Chunks,
  output: Writable,
  { onFrame, ...options }: WriteOptions = {},
): Promise<WrittenFile> {
  const { signal } = options;
  const table = new FrameTable();
  const heard = (): void => undefined; // what fails is thrown here; as an event too it would end the program
  output.on('error', heard);
  for await (const frame of compressFrames(input, options)) {
    await writeAll(output, frame.data, signal);
    table.append(frame);
    onFrame?.(frame);
  }
  const seekTable = encodeSeekTable(table);
  await writeAll(output, seekTable, signal);
  output.off('error', heard);
  const { length: frames, compressedSize, uncompressedSize } = table;
  return {
    table,
    totals: { frames, compressedSize, uncompressedSize },
    fileSize: compressedSize + seekTable.length,
  };
}

/**
 * Ends when `output` no longer needs `bytes`: only then may their memory be used again. Throws its error, and the
 * reason of an aborted `signal` even when `output` takes nothing any more.
 */
export function writeAll(output: Writable, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    output.write(bytes, (error) => {
      signal?.removeEventListener('abort', abort);
      if (error) reject(error);
      else resolve();
    });
  });
}
