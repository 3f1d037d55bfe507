import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { getInodeFlags, setInodeFlags } from '@rekindle/linux-syscalls';
import { assertInside } from '../member-check.ts';
import type { Attributes } from './attributes.ts';

/** FS_NOCOW_FL: chattr +C. */
const noCow = 0x800000;

/**
 * Makes what is not to be copied on write, empty, before the files are extracted: btrfs silently ignores that flag on a file that
 * holds something. tar writes into what is there. Gives the number of files and directories.
 * @throws RekindleError RK310 for a path that leaves the root
 */
export async function prepareNoCow(
  records: AsyncIterable<Attributes> | Iterable<Attributes>,
  root: string,
): Promise<number> {
  let count = 0;
  for await (const { path, flags } of records) {
    if ((flags & noCow) === 0) continue;
    assertInside(path);
    const file = Buffer.concat([Buffer.from(`${root}/`), path]);
    const isDirectory = file.at(-1) === 0x2f;
    mkdirSync(isDirectory ? file : file.subarray(0, file.lastIndexOf(0x2f)), { recursive: true, mode: 0o700 });
    const { O_RDONLY, O_CREAT, O_NOFOLLOW } = constants;
    const fd = openSync(file, isDirectory ? O_RDONLY : O_RDONLY | O_CREAT | O_NOFOLLOW, 0o600);
    try {
      setInodeFlags(fd, getInodeFlags(fd) | noCow);
    } finally {
      closeSync(fd);
    }
    count += 1;
  }
  return count;
}
