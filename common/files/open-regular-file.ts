import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, lstat, open, stat } from 'node:fs/promises';

/** Why a path was not read: it says what it is, or how large. */
export class NotASmallFile extends Error {
  override readonly name: string = 'NotASmallFile';
}

/** A directory, a device, a FIFO, a socket, a link: nothing that holds what a file holds. */
export class NotARegularFile extends NotASmallFile {
  override readonly name = 'NotARegularFile';
}

export interface RegularFileOptions {
  /** A symbolic link as the last part of the path is followed; what comes from a medium or a disk we did not make has none. */
  followLink?: boolean;
}

/** O_NONBLOCK: a FIFO that took the file's place since we looked does not wait for its other end. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

function flagsFor({ followLink = false }: RegularFileOptions): number {
  return followLink ? flags : flags | constants.O_NOFOLLOW;
}

function assertRegular(path: string, found: Stats): Stats {
  if (!found.isFile()) throw new NotARegularFile(`${path} is no regular file`);
  return found;
}

/**
 * Opens a file that others may have made, of any size, to be read: only a regular one. A device is not even opened, which alone would
 * move a tape or start a watchdog. Close it.
 * @throws NotARegularFile, and what lstat(2) and open(2) throw
 */
export async function openRegularFile(
  path: string,
  options: RegularFileOptions = {},
): Promise<{ file: FileHandle; size: number }> {
  assertRegular(path, await (options.followLink ? stat(path) : lstat(path)));
  const file = await open(path, flagsFor(options));
  try {
    return { file, size: assertRegular(path, await file.stat()).size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The same at once, for who may wait for a disk: never PID 1. Gives a file descriptor. */
export function openRegularFileNow(path: string, options: RegularFileOptions = {}): { fd: number; size: number } {
  assertRegular(path, options.followLink ? statSync(path) : lstatSync(path));
  const fd = openSync(path, flagsFor(options));
  try {
    return { fd, size: assertRegular(path, fstatSync(fd)).size };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
