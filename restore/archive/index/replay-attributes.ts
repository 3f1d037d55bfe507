import { getInodeFlags, getProject, setInodeFlags, setProject } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { describeObstacle, openRoot, withFileBeneath } from '../target/beneath.ts';
import { type Attributes, settableFlags } from './attributes.ts';
import { escapePath } from './escape-path.ts';

/**
 * Sets saved inode flags and project ids below `root`, when all files are there and nothing of them changes any more: immutable
 * ones could not be changed. Gives the number of files.
 * @throws RekindleError RK310 for a path that leaves the root, also through a link, RK311 naming the file.
 */
export async function replayAttributes(
  records: AsyncIterable<Attributes> | Iterable<Attributes>,
  root: string,
): Promise<number> {
  using top = openRoot(root);
  let files = 0;
  for await (const { path, flags, project } of records) {
    try {
      withFileBeneath(top.fd, path, (fd) => apply(fd, flags, project));
    } catch (error) {
      throw describeFailure(top.fd, { path, flags, project }, error);
    }
    files += 1;
  }
  return files;
}

function describeFailure(top: number, { path, flags, project }: Attributes, error: unknown): unknown {
  const described = describeObstacle(top, path, error, 'RK310');
  if (described instanceof RekindleError) return described;
  const reason = error instanceof Error ? error.message : String(error);
  const what = `inode flags 0x${flags.toString(16)}, project ${project}`;
  return new RekindleError('RK311', `${what} of ${escapePath(path)}: ${reason}`, { cause: error });
}

/** Another name of the same file may have been here before: what is right already stays untouched. */
function apply(fd: number, flags: number, project: number): void {
  // The project first: a file that is immutable by now might refuse it.
  if (project !== 0 && getProject(fd) !== project) setProject(fd, project);
  const before = getInodeFlags(fd);
  const after = (before & ~settableFlags) | flags;
  if (after !== before) setInodeFlags(fd, after);
}
