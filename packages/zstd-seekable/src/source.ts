import type { FileHandle } from 'node:fs/promises';
import { messageOf, SeekableError } from './error.ts';

/**
 * A seekable file of which any part can be had: a file, several volumes as one, a decrypting layer, a server's
 * range requests.
 */
export interface RandomSource {
  /** Bytes, seek table included. */
  readonly size: number;
  /**
   * Reads into `target` from `position` on and gives how many bytes it got; fewer than asked for are asked for
   * again, 0 means the end.
   */
  read(target: Uint8Array, position: number): Promise<number>;
}

/** The same file as a stream (a pipe, a tape): it can only be read once, from `firstFrame` on. */
export interface SequentialSource {
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** The frame that the stream begins with. */
  readonly firstFrame: number;
}

export type FrameSource = RandomSource | SequentialSource;

/** Reads an open file; whoever opened it closes it. */
export async function fileSource(handle: FileHandle): Promise<RandomSource> {
  const { size } = await handle.stat();
  return {
    size,
    async read(target, position) {
      const { bytesRead } = await handle.read(target, 0, target.length, position);
      return bytesRead;
    },
  };
}

/** A file in memory. */
export function memorySource(bytes: Uint8Array): RandomSource {
  return {
    size: bytes.length,
    async read(target, position) {
      const part = bytes.subarray(position, position + target.length);
      target.set(part);
      return part.length;
    },
  };
}

export function sequentialSource(chunks: SequentialSource['chunks'], firstFrame = 0): SequentialSource {
  return { chunks, firstFrame };
}

/** Fills `target` from `position` on; gives how much of it the source had. */
export async function readFully(source: RandomSource, target: Uint8Array, position: number): Promise<number> {
  let got = 0;
  while (got < target.length) {
    const read = await source.read(target.subarray(got), position + got);
    if (read <= 0) break;
    got += read;
  }
  return got;
}

/**
 * Bytes [position, position + length).
 * @throws SeekableError unreadable, also when the source ends before
 */
export async function readBytes(source: RandomSource, position: number, length: number): Promise<Buffer> {
  const target = Buffer.alloc(length);
  let got: number;
  try {
    got = await readFully(source, target, position);
  } catch (error) {
    throw new SeekableError('unreadable', `${length} bytes at offset ${position}: ${messageOf(error)}`, {
      offset: position,
      cause: error,
    });
  }
  if (got === length) return target;
  throw new SeekableError('unreadable', `${length} bytes at offset ${position}: only ${got} came`, {
    offset: position + got,
  });
}
