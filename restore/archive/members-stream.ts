import { decompressFrames, type FrameTable, readRange } from '@rekindle/zstd-seekable';
import type { ByteSource } from './store/store.ts';
import type { TarRuns } from './tar-runs.ts';

/** Runs of members longer than this are decompressed on all cores; shorter ones share the frame that was read last. */
const longRun = 16 << 20;

const endOfArchive = Buffer.alloc(1024);

/** The members' bytes, as a tar stream of their own, in constant memory. */
export async function* membersStream(source: ByteSource, table: FrameTable, runs: TarRuns): AsyncGenerator<Buffer> {
  const frames = new LastFrame(source, table);
  for (const { start, end } of runs) {
    if (end - start >= longRun)
      for await (const part of readRange(source, table, { offset: start, length: end - start }))
        yield Buffer.from(part.buffer, part.byteOffset, part.length);
    else yield* frames.range(start, end);
  }
  yield endOfArchive;
}

/** Small files lie many in a frame: each frame is read once. */
class LastFrame {
  readonly #source: ByteSource;
  readonly #table: FrameTable;
  #index = -1;
  #content = Buffer.alloc(0);

  constructor(source: ByteSource, table: FrameTable) {
    this.#source = source;
    this.#table = table;
  }

  async *range(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; ) {
      const frame = this.#table.frame(this.#table.frameAt(at));
      const content = await this.#read(frame.index);
      const until = Math.min(end, frame.uncompressedOffset + frame.uncompressedSize);
      yield content.subarray(at - frame.uncompressedOffset, until - frame.uncompressedOffset);
      at = until;
    }
  }

  async #read(index: number): Promise<Buffer> {
    if (this.#index === index) return this.#content;
    const range = { from: index, to: index + 1, threads: 0 };
    for await (const { data } of decompressFrames(this.#source, this.#table, range)) this.#content = Buffer.from(data);
    this.#index = index;
    return this.#content;
  }
}
