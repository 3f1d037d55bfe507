import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isThere } from './rescue/tree.ts';

const pattern = /^\.rekindle-(\d+)-\w{6}\.part$/;

/**
 * A folder to put the medium together in. It names the process that owns it: what a killed run left behind
 * is removed by the next one.
 */
export async function makeWorkDirectory(parent: string): Promise<string> {
  await removeStale(parent);
  const made = await mkdtemp(join(parent, `.rekindle-${process.pid}-`));
  await rename(made, `${made}.part`);
  return `${made}.part`;
}

/** Work folders whose process is gone. Nothing is ever mounted in one, so removing them is safe. */
export async function findStale(parent: string): Promise<string[]> {
  const stale: string[] = [];
  for (const name of await readdir(parent)) {
    const pid = pattern.exec(name)?.[1];
    if (pid !== undefined && Number(pid) !== process.pid && !(await isThere(`/proc/${pid}`)))
      stale.push(join(parent, name));
  }
  return stale;
}

async function removeStale(parent: string): Promise<void> {
  for (const directory of await findStale(parent)) await removeWorkDirectory(directory);
}

/** Destroys the folder with all that is in it. @throws Error when the name is not one that makeWorkDirectory gives. */
export async function removeWorkDirectory(directory: string): Promise<void> {
  if (!pattern.test(basename(directory))) throw new Error(`${directory} is not a work directory`);
  await rm(directory, { recursive: true, force: true });
}
