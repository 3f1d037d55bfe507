import { closeSync, constants, openSync } from 'node:fs';
import { getInodeFlags, getProject, setInodeFlags, setProject } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { assertInside } from '../member-check.ts';
import { type Attributes, settableFlags } from './attributes.ts';

/**
 * Sets saved inode flags and project ids below `root`, when all files are there and nothing of them changes any more: immutable
 * ones could not be changed. Gives the number of files.
 * @throws RekindleError RK310 for a path that leaves the root, RK311 naming the file.
 */
export async function replayAttributes(
  records: AsyncIterable<Attributes> | Iterable<Attributes>,
  root: string,
): Promise<number> {
  let files = 0;
  for await (const { path, flags, project } of records) {
    assertInside(path);
    try {
      apply(Buffer.concat([Buffer.from(`${root}/`), path]), flags, project);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const what = `inode flags 0x${flags.toString(16)}, project ${project}`;
      throw new RekindleError('RK311', `${what} of ${path.toString()}: ${reason}`, { cause: error });
    }
    files += 1;
  }
  return files;
}

/** Another name of the same file may have been here before: what is right already stays untouched. */
function apply(file: Buffer, flags: number, project: number): void {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    // The project first: a file that is immutable by now might refuse it.
    if (project !== 0 && getProject(fd) !== project) setProject(fd, project);
    const before = getInodeFlags(fd);
    const after = (before & ~settableFlags) | flags;
    if (after !== before) setInodeFlags(fd, after);
  } finally {
    closeSync(fd);
  }
}
