import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rmdir, unlink } from 'node:fs/promises';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** A path that starts at an open directory, whatever has its name by now. */
export function within(directory: FileHandle, name: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${directory.fd}/`), Buffer.from(name)]);
}

/** The directory itself: never what a symbolic link points to. @throws ELOOP, ENOTDIR for a link */
export function openDirectory(path: string | Buffer): Promise<FileHandle> {
  return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
}

/** Also tells a bind mount of the same file system, which st_dev does not. */
async function mountOf(directory: FileHandle): Promise<string> {
  const text = await readFile(`/proc/self/fdinfo/${directory.fd}`, 'latin1');
  return /^mnt_id:\s*(\d+)$/m.exec(text)?.[1] ?? '';
}

function isDirectoryError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EISDIR';
}

async function empty(directory: FileHandle, mount: string, shown: string): Promise<void> {
  if ((await mountOf(directory)) !== mount) throw new Error(`${shown} is a mount point: what is in it stays`);
  for (const name of await readdir(within(directory, '.'), { encoding: 'buffer' })) {
    const path = within(directory, name);
    try {
      await unlink(path);
    } catch (error) {
      if (!isDirectoryError(error)) throw error;
      const below = await openDirectory(path);
      await empty(below, mount, `${shown}/${name.toString()}`).finally(() => below.close());
      await rmdir(path);
    }
  }
}

/**
 * Destroys a directory of `parent` with all it holds. Nothing outside can be reached: each level is opened as a real directory and
 * emptied through its descriptor, so links that somebody puts in the way meanwhile are not followed, and mounts are not entered.
 * @throws Error naming a mount point; what open, unlink and rmdir throw
 */
export async function removeTree(parent: FileHandle, name: string, shown: string): Promise<void> {
  const directory = await openDirectory(within(parent, name));
  try {
    await empty(directory, await mountOf(parent), shown);
  } finally {
    await directory.close();
  }
  await rmdir(within(parent, name));
}
