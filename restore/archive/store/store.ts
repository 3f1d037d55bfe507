import { NotASmallFile, smallFileBytes } from '../../../common/files/read-small-file.ts';
import { formatBytes } from '../../../common/format.ts';

/** Bytes that can be read at any place: a file, several in a row, what a cipher hides. A RandomSource of zstd-seekable. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /** Reads into `target` from `position` on; gives how many bytes it got, 0 at the end. */
  read(target: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Where one volume's files of a set lie: a mounted medium's directory, or an image that nobody mounted. */
export interface VolumeStore {
  /** For people: '/run/rekindle/medium/rekindle/…', 'web01.iso'. */
  readonly name: string;
  /** The directory, where it is one. */
  readonly directory: string | null;
  /**
   * In bytes; null when nothing has that name. Paths are relative to the set's directory.
   * @throws NotARegularFile for what has the name and is none; Error with the system's code
   */
  size(path: string): Promise<number | null>;
  /** @throws Error with the system's code when the file cannot be opened. */
  open(path: string): Promise<ByteSource>;
}

const chunk = 1 << 20;

/** Bytes [position, position + length); fewer only at the end. */
export async function readRange(source: ByteSource, position: number, length: number): Promise<Buffer> {
  const target = Buffer.allocUnsafe(Math.max(0, Math.min(length, source.size - position)));
  let got = 0;
  while (got < target.length) {
    const read = await source.read(target.subarray(got), position + got);
    if (read === 0) break;
    got += read;
  }
  return target.subarray(0, got);
}

/** A range of a source from beginning to end, in pieces of a MiB. */
export async function* streamOf(source: ByteSource, from = 0, to = source.size): AsyncGenerator<Buffer> {
  for (let position = from; position < to; ) {
    const bytes = await readRange(source, position, Math.min(chunk, to - position));
    if (bytes.length === 0) return;
    position += bytes.length;
    yield bytes;
  }
}

/** A small file, whole. @param limit bytes at the most @throws NotASmallFile; as `open` */
export async function readWhole(store: VolumeStore, path: string, limit = smallFileBytes): Promise<Buffer> {
  const source = await store.open(path);
  try {
    if (source.size > limit)
      throw new NotASmallFile(
        `${path} has ${formatBytes(source.size)}, no such file has more than ${formatBytes(limit)}`,
      );
    return await readRange(source, 0, source.size);
  } finally {
    await source.close();
  }
}
