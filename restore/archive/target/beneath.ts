import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import { ErrnoError, mkdirat, O_PATH, openat, openat2, resolveFlags, unlinkat } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { escapePath } from '../index/escape-path.ts';
import { assertInside } from '../member-check.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_CREAT } = constants;
const strict = resolveFlags.RESOLVE_BENEATH | resolveFlags.RESOLVE_NO_SYMLINKS | resolveFlags.RESOLVE_NO_MAGICLINKS;

/** How a folder is opened to work in it. */
export const folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
/** How a name is looked at: a link itself, a device without its driver hearing of it. */
export const lookFlags = O_PATH | O_NOFOLLOW;

/** What is above a path as tar spells it, and its own name: './etc/ssh/' -> 'etc', 'ssh'; of the root itself '.', '.'. */
export function splitPath(path: Buffer): { folder: Buffer; name: Buffer } {
  const parts = partsOf(path);
  const name = parts.pop() ?? '.';
  return { folder: Buffer.from(parts.join('/') || '.', 'latin1'), name: Buffer.from(name, 'latin1') };
}

/** './etc//ssh/' -> 'etc', 'ssh'; in latin1: each character is one byte. */
export function partsOf(path: Buffer): string[] {
  return path
    .toString('latin1')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
}

/** `call` fails where the kernel is older than Linux 5.6, or where a container's filter does not know it. */
function isUnknownCall(error: unknown): boolean {
  return error instanceof ErrnoError && (error.code === 'ENOSYS' || error.code === 'EPERM');
}

let knowsOpenat2: boolean | null = null;

/**
 * Opens what lies below an open folder; no symbolic link is followed, on the way or at the end. Other file systems may be mounted
 * on the way.
 * @param root file descriptor. @param path as tar spells it: './etc/fstab'
 * @throws RekindleError RK310 for '..' or an absolute path; ErrnoError ELOOP or ENOTDIR for a link, ENOENT
 */
export function openBeneath(root: number, path: Buffer, flags: number, mode = 0): number {
  assertInside(path);
  knowsOpenat2 ??= hasOpenat2(root);
  return knowsOpenat2 ? openat2(root, path, flags | O_NOFOLLOW, strict, mode) : openStepwise(root, path, flags, mode);
}

function hasOpenat2(root: number): boolean {
  try {
    closeSync(openat2(root, '.', lookFlags, strict));
    return true;
  } catch (error) {
    if (isUnknownCall(error)) return false;
    throw error;
  }
}

/** The same on kernels without openat2: one folder after the other. */
export function openStepwise(root: number, path: Buffer, flags: number, mode = 0): number {
  const { folder, name } = splitPath(path);
  let at = openat(root, '.', lookFlags | O_DIRECTORY);
  try {
    for (const part of partsOf(folder)) {
      const next = openat(at, Buffer.from(part, 'latin1'), lookFlags | O_DIRECTORY);
      closeSync(at);
      at = next;
    }
    return openat(at, name, flags | O_NOFOLLOW, mode);
  } finally {
    closeSync(at);
  }
}

/** Opens it for the time of `use`. @throws as openBeneath */
export function withBeneath<T>(root: number, path: Buffer, flags: number, use: (fd: number) => T): T {
  const fd = openBeneath(root, path, flags);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** A folder of which only what lies below is touched; its own path may hold links: it is the caller's. */
export interface Root extends Disposable {
  fd: number;
}

/** @throws NodeJS.ErrnoException */
export function openRoot(path: string): Root {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY);
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

/** Opens a regular file or a folder, for reading; a device or FIFO of that name is not opened. @throws as openBeneath; EINVAL */
export function withFileBeneath<T>(root: number, path: Buffer, use: (fd: number) => T): T {
  return withBeneath(root, path, lookFlags, (place) => {
    const stat = fstatSync(place);
    if (!stat.isFile() && !stat.isDirectory()) throw new Error('it is neither a file nor a folder');
    const fd = openSync(pathOf(place), O_RDONLY | O_NONBLOCK);
    try {
      return use(fd);
    } finally {
      closeSync(fd);
    }
  });
}

/** Makes the folders of a path that are not there, and opens the last one. Close it. @throws as openBeneath */
export function makeFolders(root: number, path: Buffer, mode = 0o777): number {
  let at = openBeneath(root, Buffer.from('.'), folderFlags);
  try {
    for (const part of partsOf(path)) {
      const name = Buffer.from(part, 'latin1');
      let next: number;
      try {
        next = openBeneath(at, name, folderFlags);
      } catch (error) {
        if (!isCode(error, 'ENOENT')) throw error;
        mkdirat(at, name, mode);
        next = openBeneath(at, name, folderFlags);
      }
      closeSync(at);
      at = next;
    }
    return at;
  } catch (error) {
    closeSync(at);
    throw error;
  }
}

/** Makes an empty file, or opens the one that is there. Close it. @throws as openBeneath */
export function makeFile(root: number, path: Buffer): number {
  const { folder, name } = splitPath(path);
  const parent = makeFolders(root, folder, 0o700);
  try {
    return openBeneath(parent, name, O_RDONLY | O_CREAT | O_NONBLOCK, 0o600);
  } finally {
    closeSync(parent);
  }
}

/** Removes a file, or a link itself; a folder of that name stays, and what is below a link is not there. @throws RekindleError RK310 */
export function removeFile(root: number, path: Buffer): void {
  const { folder, name } = splitPath(path);
  assertInside(path);
  try {
    withBeneath(root, folder, folderFlags, (parent) => unlinkat(parent, name));
  } catch (error) {
    if (!isCode(error, 'ENOENT', 'EISDIR', 'ELOOP', 'ENOTDIR')) throw error;
  }
}

/** A path of this process for what a descriptor is of, and for names in it. */
export function pathOf(fd: number, name?: Buffer): Buffer {
  const own = Buffer.from(`/proc/self/fd/${fd}`);
  return name === undefined ? own : Buffer.concat([own, Buffer.from('/'), name]);
}

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

/**
 * The first part of a path that is no folder, and what it is: 'home/x is a symbolic link to ../../etc'. Null: all are folders, or
 * nothing is there.
 */
export function obstacleIn(root: number, path: Buffer): string | null {
  const parts = partsOf(path);
  for (let count = 1; count <= parts.length; count += 1) {
    const { folder, name } = splitPath(Buffer.from(parts.slice(0, count).join('/'), 'latin1'));
    const found = withBeneath(root, folder, lookFlags | O_DIRECTORY, (fd) => whatIs(pathOf(fd, name)));
    if (found === 'nothing') return null;
    if (found !== 'a folder')
      return `${escapePath(Buffer.from(parts.slice(0, count).join('/'), 'latin1'))} is ${found}`;
  }
  return null;
}

function whatIs(place: Buffer): string {
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (stat === undefined) return 'nothing';
  if (stat.isSymbolicLink()) return `a symbolic link to ${escapePath(readlinkSync(place, 'buffer'))}`;
  return stat.isDirectory() ? 'a folder' : stat.isFile() ? 'a file' : 'neither a file nor a folder';
}

/**
 * What an error of `openBeneath` means: of a link or a file in the way of the path an error that names it; else the same error.
 * @param code RK310 where only the set can have brought it, RK374 where it was there before
 */
export function describeObstacle(root: number, path: Buffer, error: unknown, code: 'RK310' | 'RK374'): unknown {
  if (!isCode(error, 'ELOOP', 'ENOTDIR')) return error;
  const wanted = escapePath(Buffer.from(partsOf(path).join('/'), 'latin1'));
  const obstacle = obstacleNow(root, path);
  if (obstacle === null) return new RekindleError(code, `something was in the way of ${wanted}`, { cause: error });
  const above = obstacle.startsWith(`${wanted} is `) ? '' : `, above ${wanted}`;
  return new RekindleError(code, `${obstacle}${above}`, { cause: error });
}

/** As obstacleIn; null also where whoever put it there has changed it meanwhile. */
export function obstacleNow(root: number, path: Buffer): string | null {
  try {
    return obstacleIn(root, path);
  } catch {
    return null;
  }
}
