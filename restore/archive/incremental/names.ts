import { type BigIntStats, fstatSync, linkSync } from 'node:fs';
import { renameat2, setMtime } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { escapePath } from '../index/escape-path.ts';
import { readIndexBatches } from '../index/index-reader.ts';
import type { NameRecord } from '../index/index-records.ts';
import {
  describeObstacle,
  folderFlags,
  isCode,
  lookFlags,
  openRoot,
  pathOf,
  splitPath,
  withBeneath,
} from '../target/beneath.ts';
import { statOf, walkFileSystem } from './walk.ts';

/**
 * The names of files that have several. An incremental archive cannot tell: a file whose folder was renamed is in it as a file of
 * its own, its other names, elsewhere and unchanged, are not.
 */
export async function* captureNames(root: string, signal?: AbortSignal): AsyncGenerator<Omit<NameRecord, 'kind'>> {
  const numbers = new Map<bigint, number>();
  for await (const { file, path, isDirectory } of walkFileSystem(root, signal)) {
    const stat = isDirectory ? undefined : statOf(file);
    if (stat === undefined || stat.nlink < 2) continue;
    const number = numbers.get(stat.ino) ?? numbers.size;
    numbers.set(stat.ino, number);
    yield { file: number, path };
  }
}

/** The names in a compressed index. @throws RekindleError RK340 to RK342; what `source` throws. */
export async function* readNames(source: AsyncIterable<Buffer>): AsyncGenerator<NameRecord> {
  for await (const records of readIndexBatches(source, () => false))
    for (const record of records) if (record.kind === 'name') yield record;
}

/**
 * Makes names of one file again what became files of their own. Where they differ, the file system changed while it was saved, and
 * each stays as it is. Gives the number of names.
 * @throws RekindleError RK310 for a path that leaves the root, also through a link, RK311 naming the file.
 */
export async function replayNames(
  records: AsyncIterable<Omit<NameRecord, 'kind'>> | Iterable<Omit<NameRecord, 'kind'>>,
  root: string,
): Promise<number> {
  using top = openRoot(root);
  const first = new Map<number, Buffer>();
  let count = 0;
  for await (const { file, path } of records) {
    const stat = statBeneath(top.fd, path);
    if (!stat) continue;
    const other = first.get(file);
    if (other === undefined) first.set(file, path);
    else if (isSame(statBeneath(top.fd, other), stat)) {
      linkInPlace(top.fd, other, path);
      count += 1;
    }
  }
  return count;
}

/** Null: there is no such name. */
function statBeneath(top: number, path: Buffer): BigIntStats | null {
  try {
    return withBeneath(top, path, lookFlags, (fd) => fstatSync(fd, { bigint: true }));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw describeObstacle(top, path, error, 'RK310');
  }
}

/** Another inode, with what no two versions of a file share. */
function isSame(one: BigIntStats | null, other: BigIntStats): boolean {
  if (one === null) return false;
  const same = one.mode === other.mode && one.size === other.size && one.mtimeNs === other.mtimeNs;
  return same && one.ino !== other.ino && one.uid === other.uid && one.gid === other.gid && !one.isDirectory();
}

/** At each moment there is a file of that name. Its folder keeps its time. */
function linkInPlace(top: number, file: Buffer, path: Buffer): void {
  const from = splitPath(file);
  const to = splitPath(path);
  const passing = Buffer.from(`.rekindle-link-${process.pid}`);
  try {
    withBeneath(top, to.folder, folderFlags, (folder) => {
      const { mtimeNs } = fstatSync(folder, { bigint: true });
      withBeneath(top, from.folder, folderFlags, (parent) => {
        linkSync(pathOf(parent, from.name), pathOf(folder, passing));
      });
      renameat2({ directory: folder, name: passing }, { directory: folder, name: to.name });
      setMtime(folder, mtimeNs);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK311', `another name of ${escapePath(file)}, ${escapePath(path)}: ${reason}`, {
      cause: error,
    });
  }
}
