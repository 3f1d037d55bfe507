import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, type Dirent, fchmodSync, fstatSync, lstatSync, opendirSync, statfsSync } from 'node:fs';
import { ErrnoError, listXattrs, mkdirat, removeXattr, setMtime, unlinkat } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { systemFailure } from '../../../common/errors/system-error.ts';
import { escapePath } from '../index/escape-path.ts';
import { folderFlags, isCode, openBeneath, pathOf } from './beneath.ts';

/** What opendir(3) takes, as readdir does; its type does not know. */
const asBytes = { encoding: 'buffer' as unknown as BufferEncoding, bufferSize: 256 };

const tree = Buffer.from('tree');

/** Where one archive is unpacked before it is moved into place: nobody else can reach it, by whatever name. */
export interface Staging {
  /** Open folder that tar fills. What the archive says of its own top folder is said of this one, inside of the private one. */
  tree: number;
  /** Removes all that is left of it. Links are removed, not followed. */
  remove: () => void;
}

/**
 * Makes an empty private folder in the first of `folders` that takes one.
 * @param root `--to`. @throws RekindleError RK311
 */
export function makeStaging(root: number, folders: readonly Buffer[]): Staging {
  const name = Buffer.from(`.rekindle-extract-${randomBytes(8).toString('hex')}`);
  let last: unknown = new Error('there is no folder to work in');
  for (const folder of folders) {
    let parent: number;
    try {
      parent = openBeneath(root, folder, folderFlags);
    } catch (error) {
      last = error;
      continue;
    }
    try {
      keepingTime(parent, () => mkdirat(parent, name, 0o700));
      return openStaging(parent, name);
    } catch (error) {
      closeSync(parent);
      last = error;
      // Others may be those of the user; the outer ones need not be.
      if (!isCode(error, 'EACCES', 'EPERM', 'EROFS')) break;
    }
  }
  if (last instanceof RekindleError) throw last;
  const reason = last instanceof Error ? last.message : String(last);
  const hint = systemFailure(last)?.hint;
  throw new RekindleError('RK311', `no folder for what is unpacked: ${reason}`, {
    ...(hint ? { hint } : {}),
    cause: last,
  });
}

/** Opens it in an open folder, where it has been made. It closes `parent`. @throws RekindleError RK311 where something else has its name */
export function openStaging(parent: number, name: Buffer): Staging {
  const own = openBeneath(parent, name, folderFlags);
  const close = (): void => [own, parent].forEach((fd) => void closeSync(fd));
  try {
    assertOurs(own);
    mkdirat(own, tree, 0o700);
    const fd = openBeneath(own, tree, folderFlags);
    if (isOlder(own, fd)) {
      closeSync(fd);
      unlinkat(own, tree, 'directory');
      throw swapped('it is older than this run');
    }
    makePrivate(own);
    makePrivate(fd);
    const remove = (): void => {
      try {
        closeSync(fd);
        removeAll(own);
        keepingTime(parent, () => unlinkat(parent, name, 'directory'));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new RekindleError('RK311', `${escapePath(name)} could not be removed: ${reason}`, { cause: error });
      } finally {
        close();
      }
    };
    return { tree: fd, remove };
  } catch (error) {
    close();
    throw error;
  }
}

/** FAT and exFAT: all files are those of one user, and no link can be among them. statfs(2) */
const withoutOwners: readonly number[] = [0x4d44, 0x2011bab0];

/** Who may write to the folder above can put another folder of ours in the place of the one that was made. @throws RekindleError RK311 */
function assertOurs(own: number): void {
  const { uid } = fstatSync(own);
  if (uid !== process.geteuid?.() && !withoutOwners.includes(statfsSync(pathOf(own)).type))
    throw swapped(`it belongs to user ${uid}, as where a file server takes root for nobody`);
  for (const { name } of namesIn(own)) throw swapped(`${escapePath(name)} is in it`);
}

/** Both times are the file system's own. Where it keeps none they are the same. */
function isOlder(own: number, tree: number): boolean {
  const [one, other] = [own, tree].map((fd) => fstatSync(fd, { bigint: true }).birthtimeNs);
  return one !== undefined && other !== undefined && other - one > mostBetweenNs;
}

/** Between two calls, on a machine that is busy. */
const mostBetweenNs = 60_000_000_000n;

function swapped(words: string): RekindleError {
  return new RekindleError('RK311', `the folder for what is unpacked is not the one that was made: ${words}`, {
    hint: 'Take the files out into a folder on this machine that nobody else may write to; see who else writes to this one.',
  });
}

/** What the folder above passes on (a group, default ACLs) is not for the files of the set. */
function makePrivate(own: number): void {
  const { mode } = fstatSync(own);
  try {
    for (const attribute of listXattrs(own)) if (attribute.startsWith('system.posix_acl_')) removeXattr(own, attribute);
    if ((mode & 0o7777) !== 0o700) fchmodSync(own, 0o700);
  } catch (error) {
    // A file system without ACLs or modes.
    if (!isCode(error, 'EOPNOTSUPP', 'EPERM', 'ENODATA')) throw error;
  }
}

/** Names in an open folder; each is removed or moved away meanwhile. Again until none is left, for what is moved is not counted. */
export function* namesIn(folder: number): Generator<{ name: Buffer; isDirectory: boolean }> {
  for (let found = true; found; ) {
    found = false;
    using entries = opendirSync(pathOf(folder).toString(), asBytes);
    for (let entry = entries.readSync(); entry; entry = entries.readSync()) {
      found = true;
      yield { name: bytesOf(entry), isDirectory: entry.isDirectory() };
    }
  }
}

function bytesOf({ name }: Dirent<string> | Dirent<Buffer>): Buffer {
  if (!Buffer.isBuffer(name)) throw new TypeError('opendir gave a name as text');
  return name;
}

/** Empties an open folder of our own. */
export function removeAll(folder: number): void {
  for (const { name } of namesIn(folder)) removeOwn(folder, name);
}

/** Removes what has that name in an open folder of our own, with all that is in it. */
export function removeOwn(folder: number, name: Buffer): void {
  const isDirectory = lstatSync(pathOf(folder, name)).isDirectory();
  if (isDirectory) {
    const below = openOwn(folder, name);
    try {
      makeWritable(below);
      removeAll(below);
    } finally {
      closeSync(below);
    }
  }
  unlinkat(folder, name, isDirectory ? 'directory' : 'file');
}

/** Opens a folder of a staging folder, whatever mode the set gives it. Close it. */
export function openOwn(folder: number, name: Buffer): number {
  try {
    return openBeneath(folder, name, folderFlags);
  } catch (error) {
    if (!isCode(error, 'EACCES')) throw error;
    // An ordinary user's; no link can have come here since.
    chmodSync(pathOf(folder, name), 0o700);
    return openBeneath(folder, name, folderFlags);
  }
}

/** An ordinary user moves nothing out of a folder that is read-only, nor such a folder itself. */
export function makeWritable(folder: number): void {
  if (process.geteuid?.() !== 0) fchmodSync(folder, 0o700);
}

/** Changes names in a folder, and its time stays, as far as its owner lets us. */
function keepingTime(folder: number, change: () => void): void {
  const { mtimeNs } = fstatSync(folder, { bigint: true });
  change();
  try {
    setMtime(folder, mtimeNs);
  } catch (error) {
    if (!(error instanceof ErrnoError && (error.code === 'EPERM' || error.code === 'EACCES'))) throw error;
  }
}
