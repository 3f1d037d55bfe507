import { closeSync, readSync } from 'node:fs';
import { formatBytes } from '../format.ts';
import { NotASmallFile, openRegularFile, openRegularFileNow, type RegularFileOptions } from './open-regular-file.ts';

export { NotARegularFile, NotASmallFile } from './open-regular-file.ts';

/** More than any text of ours that is read at once. Bytes. */
export const smallFileBytes = 16 << 20;

export interface SmallFileOptions extends RegularFileOptions {
  /** Bytes at the most. */
  limit?: number;
}

const pieceBytes = 64 << 10;

/**
 * A whole file that others may have made: only a regular one, only up to a size, and never waiting for another process, as
 * opening a FIFO or a device would. @throws NotASmallFile, and what open and read throw
 */
export async function readSmallFile(path: string, options: SmallFileOptions = {}): Promise<Buffer> {
  const { file, size } = await openRegularFile(path, options);
  try {
    const whole = new WholeFile(path, size, options);
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) return whole.bytes();
      whole.add(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** The same at once, for who may wait for a disk: never PID 1. @throws as readSmallFile */
export function readSmallFileNow(path: string, options: SmallFileOptions = {}): Buffer {
  const { fd, size } = openRegularFileNow(path, options);
  try {
    const whole = new WholeFile(path, size, options);
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const bytesRead = readSync(fd, piece, 0, piece.length, null);
      if (bytesRead === 0) return whole.bytes();
      whole.add(piece.subarray(0, bytesRead));
    }
  } finally {
    closeSync(fd);
  }
}

/** The size that was asked for may be a lie: procfs says 0, a file may grow. */
class WholeFile {
  readonly #path: string;
  readonly #limit: number;
  readonly #pieces: Buffer[] = [];
  #size = 0;

  constructor(path: string, size: number, { limit = smallFileBytes }: SmallFileOptions) {
    this.#path = path;
    this.#limit = limit;
    if (size > limit)
      throw new NotASmallFile(`${path} has ${formatBytes(size)}, no such file has more than ${formatBytes(limit)}`);
  }

  add(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size > this.#limit) throw new NotASmallFile(`${this.#path} has more than ${formatBytes(this.#limit)}`);
    this.#pieces.push(piece);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#pieces, this.#size);
  }
}
