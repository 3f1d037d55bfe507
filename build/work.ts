import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, mkdir, readdir, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RekindleError } from '../common/errors/error.ts';
import { removeTree, within } from '../common/files/remove-tree.ts';
import { markPattern } from '../common/mark-pattern.ts';
import { isGone, openParent, removeLeftovers } from './leftovers.ts';
import { markOf } from './process-mark.ts';

const pattern = new RegExp(`^\\.rekindle-${markPattern}-[0-9a-f]{8}\\.part$`);

/**
 * A folder to put the medium together in, for root only. It names the process that owns it: what a killed run left behind
 * is removed by the next one on the same machine.
 * @param onLeft gets a sentence for each work folder that stays, since another machine's create may be at work in it
 */
export async function makeWorkDirectory(
  parent: string,
  onLeft: (text: string) => void = () => undefined,
): Promise<string> {
  await removeLeftovers(parent, { pattern, onLeft, proves: isWorkDirectory });
  // It has its final name from the beginning: a run that is killed here leaves nothing that the next one does not know.
  const name = `.rekindle-${markOf(process.pid)}-${randomBytes(4).toString('hex')}.part`;
  const made = join(parent, name);
  await mkdir(made, { mode: 0o700 });
  try {
    await mkdir(join(made, name), { mode: 0o700 });
  } catch (error) {
    await rmdir(made);
    throw error;
  }
  return made;
}

/**
 * Whoever may write in the folder above could give our name to any directory of root's there. What nobody but root could have put
 * into it is a folder of that very name.
 */
async function isWorkDirectory(directory: FileHandle, name: string): Promise<boolean> {
  const proof = await lstat(within(directory, name)).catch(() => null);
  return proof?.isDirectory() === true || (await readdir(within(directory, '.'))).length === 0;
}

/** A work folder in the directory that the user named. @throws RekindleError RK231 */
export async function workIn(parent: string, onLeft: (text: string) => void): Promise<string> {
  try {
    return await makeWorkDirectory(parent, onLeft);
  } catch (error) {
    throw new RekindleError('RK231', `${parent}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Destroys the folder with all that is in it. @throws Error when the name is not one that makeWorkDirectory gives. */
export async function removeWorkDirectory(directory: string): Promise<void> {
  const name = basename(directory);
  if (!pattern.test(name)) throw new Error(`${directory} is not a work directory`);
  const parent = await openParent(dirname(directory));
  try {
    await removeTree(parent, name, directory);
  } catch (error) {
    if (!isGone(error)) throw error;
  } finally {
    await parent.close();
  }
}
