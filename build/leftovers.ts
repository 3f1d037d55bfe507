import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDirectory, removeTree, within } from '../common/files/remove-tree.ts';
import { renderArgv } from '../common/run.ts';
import { visible } from '../common/visible.ts';
import { ownerOf } from './process-mark.ts';

const writableByOthers = 0o022;

/** Follows links: the path is the user's own. */
export function openParent(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

export interface Leftovers {
  /** Its group is the mark. */
  pattern: RegExp;
  /** Whether a folder is what its name says, looked at from inside. */
  proves: (directory: FileHandle, name: string) => Promise<boolean>;
  /** Gets a sentence for each that stays. */
  onLeft: (text: string) => void;
}

/**
 * Removes the folders of runs that were killed. Could destroy another's work, or anything where somebody else may write: only real
 * directories of our own user that nobody else may write, whose process is known to be gone, and which prove themselves.
 */
export async function removeLeftovers(parentPath: string, leftovers: Leftovers): Promise<void> {
  const parent = await openParent(parentPath);
  try {
    for (const name of await readdir(parentPath)) {
      const mark = leftovers.pattern.exec(name)?.[1];
      const owner = mark === undefined ? 'running' : ownerOf(mark);
      if (owner === 'running') continue;
      const path = join(parentPath, name);
      if (owner === 'elsewhere') leftovers.onLeft(describeElsewhere(path));
      else if (await isProven(parent, name, leftovers.proves)) await removeOne(parent, { name, path }, leftovers);
      else leftovers.onLeft(`${visible(path)} is named like a folder of Rekindle's and is none; it stays`);
    }
  } finally {
    await parent.close();
  }
}

async function removeOne(
  parent: FileHandle,
  { name, path }: { name: string; path: string },
  { onLeft }: Leftovers,
): Promise<void> {
  try {
    await removeTree(parent, name, path);
  } catch (error) {
    // Two runs that begin at once both remove it.
    if (isGone(error)) return;
    onLeft(
      `${visible(path)} is of a run that was stopped by force and could not be removed: ${visible(String(error))}`,
    );
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function describeElsewhere(path: string): string {
  return `${visible(path)} belongs to a create on another machine or in another container; if none runs there, remove it: rm -r ${visible(renderArgv([path]))}`;
}

/**
 * A real directory that belongs to our own user and that nobody else may write; null: it is not. Close it.
 * @param parent a folder that others may write
 */
export async function openOurs(parent: FileHandle, name: string): Promise<FileHandle | null> {
  const directory = await openDirectory(within(parent, name)).catch(() => null);
  if (directory === null) return null;
  const { uid, mode } = await directory.stat();
  // On a file system without owners (vfat) all is root's.
  if (uid === process.geteuid?.() && (mode & writableByOthers) === 0) return directory;
  await directory.close();
  return null;
}

async function isProven(parent: FileHandle, name: string, proves: Leftovers['proves']): Promise<boolean> {
  const directory = await openOurs(parent, name);
  if (directory === null) return false;
  try {
    return await proves(directory, name);
  } finally {
    await directory.close();
  }
}
