import { type BigIntStats, linkSync, lstatSync, renameSync } from 'node:fs';
import { setMtime } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { readIndexBatches } from '../index/index-reader.ts';
import type { NameRecord } from '../index/index-records.ts';
import { assertInside } from '../member-check.ts';
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
 * @throws RekindleError RK310 for a path that leaves the root, RK311 naming the file.
 */
export async function replayNames(
  records: AsyncIterable<Omit<NameRecord, 'kind'>> | Iterable<Omit<NameRecord, 'kind'>>,
  root: string,
): Promise<number> {
  const first = new Map<number, Buffer>();
  let count = 0;
  for await (const { file, path } of records) {
    assertInside(path);
    const name = Buffer.concat([Buffer.from(`${root}/`), path]);
    const stat = lstatSync(name, { throwIfNoEntry: false, bigint: true });
    if (!stat) continue;
    const other = first.get(file);
    if (other === undefined) first.set(file, name);
    else if (isSame(lstatSync(other, { bigint: true }), stat)) {
      linkInPlace(other, name);
      count += 1;
    }
  }
  return count;
}

/** Another inode, with what no two versions of a file share. */
function isSame(one: BigIntStats, other: BigIntStats): boolean {
  const same = one.mode === other.mode && one.size === other.size && one.mtimeNs === other.mtimeNs;
  return same && one.ino !== other.ino && one.uid === other.uid && one.gid === other.gid && !one.isDirectory();
}

/** At each moment there is a file of that name. Its folder keeps its time. */
function linkInPlace(file: Buffer, name: Buffer): void {
  const folder = name.subarray(0, name.lastIndexOf(0x2f));
  const passing = Buffer.concat([folder, Buffer.from(`/.rekindle-link-${process.pid}`)]);
  try {
    const { mtimeNs } = lstatSync(folder, { bigint: true });
    linkSync(file, passing);
    renameSync(passing, name);
    setMtime(folder, mtimeNs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK311', `another name of ${file.toString()}, ${name.toString()}: ${reason}`, {
      cause: error,
    });
  }
}
