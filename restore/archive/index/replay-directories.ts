import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { setMtime } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { assertInside } from '../member-check.ts';
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
 * @throws RekindleError RK310 for a path that leaves the root, RK311 naming the directory; as readIndexBatches
 */
export async function replayDirectories(source: AsyncIterable<Buffer>, root: string): Promise<number> {
  let count = 0;
  for await (const records of readIndexBatches(source)) {
    for (const record of records) {
      if (record.kind !== 'member' || record.type !== 'd') continue;
      apply(record, root);
      count += 1;
    }
  }
  return count;
}

function apply(record: MemberRecord, root: string): void {
  const { path, uid, gid, mode, mtime } = record;
  assertInside(path);
  const directory = Buffer.concat([Buffer.from(`${root}/`), path]);
  try {
    const stat = lstatSync(directory, { throwIfNoEntry: false });
    if (stat === undefined) mkdirSync(directory, { mode: 0o700 });
    else if (!stat.isDirectory()) return;
    if (stat?.uid !== uid || stat.gid !== gid) chownSync(directory, uid, gid);
    // After the owner: a change of it takes bits away.
    chmodSync(directory, mode);
    setMtime(directory, nanosecondsOf(mtime));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK311', `${directory.toString()}: ${reason}`, { cause: error });
  }
}
