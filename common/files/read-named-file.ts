import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { RekindleError } from '../errors/error.ts';
import { formatBytes } from '../format.ts';
import { NotASmallFile, readSmallFile } from './read-small-file.ts';

/** More than any key, list of keys, settings or answers has. Bytes. */
export const namedFileBytes = 1 << 20;

export interface NamedFileOptions {
  /** Bytes at the most; 1 MiB when not given. */
  limit?: number;
  /** How long a pipe may say nothing. Milliseconds; 30 s when not given. */
  quietMs?: number;
}

/**
 * A file that a person named on a command line or in settings, whole. It may be a pipe, as `<(command)` of a shell is; whatever it is, it
 * is read up to a limit, and no longer than somebody writes into it.
 * @throws RekindleError RK009 for a folder, a device, a pipe that says nothing, or too much; what the system refuses
 */
export async function readNamedFile(path: string, options: NamedFileOptions = {}): Promise<Buffer> {
  const { limit = namedFileBytes } = options;
  const found = await stat(path);
  if (found.isFIFO()) return readPipe(path, options);
  const kind = found.isFile() ? null : found.isDirectory() ? 'folder' : found.isSocket() ? 'socket' : 'device';
  if (kind !== null) throw new RekindleError('RK009', `${path} is a ${kind}, no file`);
  try {
    return await readSmallFile(path, { limit, followLink: true });
  } catch (error) {
    throw error instanceof NotASmallFile ? new RekindleError('RK009', error.message, { cause: error }) : error;
  }
}

/** So soon a pipe is asked again that has nothing yet. Milliseconds. */
const againMs = 10;

/** Never waits in open(2) or read(2), out of which nothing would lead but a signal. */
async function readPipe(path: string, { limit = namedFileBytes, quietMs = 30_000 }: NamedFileOptions): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const pieces: Buffer[] = [];
    let size = 0;
    let heard = performance.now();
    for (;;) {
      const piece = Buffer.allocUnsafe(64 << 10);
      const bytes = await file.read(piece, 0, piece.length, null).then(
        ({ bytesRead }) => bytesRead,
        (error: unknown) => {
          if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return null;
          throw error;
        },
      );
      if (bytes === 0) return Buffer.concat(pieces, size);
      if (bytes === null) {
        if (performance.now() - heard > quietMs)
          throw new RekindleError('RK009', `${path} is a pipe that says nothing`);
        await wait(againMs);
        continue;
      }
      heard = performance.now();
      size += bytes;
      if (size > limit) throw new RekindleError('RK009', `${path} has more than ${formatBytes(limit)}`);
      pieces.push(piece.subarray(0, bytes));
    }
  } finally {
    await file.close();
  }
}
