import { closeSync } from 'node:fs';
import { ErrnoError, getInodeFlags, setInodeFlags } from '@rekindle/linux-syscalls';
import { describeObstacle, makeFile, openRoot } from '../target/beneath.ts';
import type { Attributes } from './attributes.ts';

/** Flags that a file takes only while it is empty, by the type of statfs(2): +C of btrfs, +c of f2fs. */
const emptyFlags: ReadonlyMap<number, number> = new Map([
  [0x9123683e, 0x800000],
  [0xf2f52010, 0x4],
]);

const slash = 0x2f;

/** 0 where the file system has none. */
export function flagsOfEmpty(fileSystemType: number): number {
  return emptyFlags.get(fileSystemType) ?? 0;
}

/**
 * Makes what has one of these flags, empty, before the files are extracted: btrfs silently ignores it on a file that holds
 * something, f2fs refuses it. tar writes into what is there. Gives the number of files.
 * @throws RekindleError RK310 for a path that leaves the root, RK374 for a link in the way
 */
export async function prepareEmpty(
  records: AsyncIterable<Attributes> | Iterable<Attributes>,
  root: string,
  wanted: number,
): Promise<number> {
  using top = openRoot(root);
  let count = 0;
  for await (const { path, flags } of records) {
    const set = flags & wanted;
    // A directory gets its own at the end: other files would inherit them.
    if (set === 0 || path.at(-1) === slash) continue;
    const fd = openEmpty(top.fd, path);
    try {
      if (!setEarly(fd, set)) return count;
    } finally {
      closeSync(fd);
    }
    count += 1;
  }
  return count;
}

function openEmpty(top: number, path: Buffer): number {
  try {
    return makeFile(top, path);
  } catch (error) {
    throw describeObstacle(top, path, error, 'RK374');
  }
}

/** False where this file system was made without the feature: what was saved on another one had the flag. */
function setEarly(fd: number, set: number): boolean {
  const before = getInodeFlags(fd);
  if ((before & set) === set) return true;
  try {
    setInodeFlags(fd, before | set);
    return true;
  } catch (error) {
    if (error instanceof ErrnoError && error.code === 'EOPNOTSUPP') return false;
    throw error;
  }
}
