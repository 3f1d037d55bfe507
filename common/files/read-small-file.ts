import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** More than any text of ours that is read at once. Bytes. */
export const smallFileBytes = 16 << 20;

/** Why a path was not read: it says what it is, or how large. */
export class NotASmallFile extends Error {
  override readonly name = 'NotASmallFile';
}

export interface SmallFileOptions {
  /** Bytes at the most. */
  limit?: number;
  /** A symbolic link as the last part of the path is followed; what comes from a medium or a disk we did not make has none. */
  followLink?: boolean;
}

/**
 * A whole file that others may have made: only a regular one, only up to a size, and never waiting for another process, as
 * opening a FIFO or a device would. @throws NotASmallFile, and what open and read throw
 */
export async function readSmallFile(path: string, options: SmallFileOptions = {}): Promise<Buffer> {
  const { limit = smallFileBytes, followLink = false } = options;
  const link = followLink ? 0 : constants.O_NOFOLLOW;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | link);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new NotASmallFile(`${path} is no regular file`);
    if (found.size > limit) throw new NotASmallFile(`${path} has ${found.size} bytes, ${limit} at the most`);
    return await readUpTo(file, path, limit);
  } finally {
    await file.close();
  }
}

/** The size that was asked for may be a lie (procfs says 0, a file may grow). */
async function readUpTo(file: FileHandle, path: string, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(64 << 10), 0, 64 << 10, null);
    if (bytesRead === 0) return Buffer.concat(parts, size);
    size += bytesRead;
    if (size > limit) throw new NotASmallFile(`${path} has more than ${limit} bytes`);
    parts.push(buffer.subarray(0, bytesRead));
  }
}
