import { closeSync, fchmodSync, fchownSync, fstatSync, lstatSync } from 'node:fs';
import { mkdirat, setMtime } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import {
  describeObstacle,
  folderFlags,
  openBeneath,
  openRoot,
  pathOf,
  splitPath,
  withBeneath,
} from '../target/beneath.ts';
import { escapePath } from './escape-path.ts';
import { readIndexBatches } from './index-reader.ts';
import type { MemberRecord } from './index-records.ts';

/** '1234567890.5' -> nanoseconds */
export function nanosecondsOf(mtime: string): bigint {
  const [seconds = '0', fraction = ''] = mtime.split('.');
  const nanoseconds = BigInt(fraction.padEnd(9, '0'));
  return BigInt(seconds) * 1_000_000_000n + (seconds.startsWith('-') ? -nanoseconds : nanoseconds);
}

/**
 * Gives all directories below `root` owner, mode and time as the index has them: tar does so at its end only, and with no
 * directory that it did not see. Those that are missing are made. Gives their number.
 * @throws RekindleError RK310 for a path that leaves the root, also through a link, RK311 naming the directory; as readIndexBatches
 */
export async function replayDirectories(source: AsyncIterable<Buffer>, root: string): Promise<number> {
  using top = openRoot(root);
  let count = 0;
  for await (const records of readIndexBatches(source)) {
    for (const record of records) {
      if (record.kind !== 'member' || record.type !== 'd') continue;
      apply(record, top.fd);
      count += 1;
    }
  }
  return count;
}

function apply({ path, uid, gid, mode, mtime }: MemberRecord, top: number): void {
  try {
    const fd = openFolder(top, path);
    if (fd === null) return;
    try {
      const stat = fstatSync(fd);
      if (stat.uid !== uid || stat.gid !== gid) fchownSync(fd, uid, gid);
      // After the owner: a change of it takes bits away.
      fchmodSync(fd, mode);
      setMtime(fd, nanosecondsOf(mtime));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const described = describeObstacle(top, path, error, 'RK310');
    if (described instanceof RekindleError) throw described;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK311', `${escapePath(path)}: ${reason}`, { cause: error });
  }
}

/** Null: something else has its name. */
function openFolder(top: number, path: Buffer): number | null {
  const { folder, name } = splitPath(path);
  return withBeneath(top, folder, folderFlags, (parent) => {
    const stat = lstatSync(pathOf(parent, name), { throwIfNoEntry: false });
    if (stat === undefined) mkdirat(parent, name, 0o700);
    else if (!stat.isDirectory()) return null;
    return openBeneath(parent, name, folderFlags);
  });
}
