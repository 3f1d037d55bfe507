import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isAlive, markOf, markPattern } from './process-mark.ts';

const pattern = new RegExp(`^\\.rekindle-${markPattern}-[0-9a-f]{8}\\.part$`);

/**
 * A folder to put the medium together in, for root only. It names the process that owns it: what a killed run left behind
 * is removed by the next one.
 */
export async function makeWorkDirectory(parent: string): Promise<string> {
  await removeStale(parent);
  // It has its final name from the beginning: a run that is killed here leaves nothing that the next one does not know.
  const made = join(parent, `.rekindle-${markOf(process.pid)}-${randomBytes(4).toString('hex')}.part`);
  await mkdir(made, { mode: 0o700 });
  return made;
}

/** Removes work folders whose process is gone. Nothing is ever mounted in one, so that is safe. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const mark = pattern.exec(name)?.[1];
    if (mark !== undefined && !isAlive(mark)) await removeWorkDirectory(join(parent, name));
  }
}

/** Destroys the folder with all that is in it. @throws Error when the name is not one that makeWorkDirectory gives. */
export async function removeWorkDirectory(directory: string): Promise<void> {
  if (!pattern.test(basename(directory))) throw new Error(`${directory} is not a work directory`);
  await rm(directory, { recursive: true, force: true });
}
