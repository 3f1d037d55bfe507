import { closeSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  describeObstacle,
  folderFlags,
  makeFolders,
  openBeneath,
  openRoot,
  pathOf,
  removeFile,
} from '../archive/target/beneath.ts';
import type { Action } from '../plan/step.ts';
import { Root } from '../proof/read/root.ts';
import type { ActionContext } from './action-context.ts';
import { changeRoot } from './change-root.ts';
import { log } from './log.ts';

/** The restored machine keeps the log, the journal, and the marker that stops a second unattended wipe. */
export async function copyLog(
  { root, marks = [] }: Extract<Action, { type: 'copy-log' }>,
  { set, journal, logFile, losses }: ActionContext,
): Promise<void> {
  const { info } = set;
  const { lost } = losses;
  const marker = {
    set: info.set,
    lost: lost?.files ?? 0,
    at: new Date().toISOString(),
    rekindleVersion: info.rekindleVersion,
  };
  const text = `${JSON.stringify(marker)}\n`;
  const directory = openLogFolder(root);
  try {
    await copyInto(directory, 'restore.log', logFile);
    await copyInto(directory, 'journal.jsonl', journal.path);
    if (lost !== null) await copyInto(directory, 'lost-files.txt', lost.listFile);
    await writeMarker(directory, text);
  } finally {
    closeSync(directory);
  }
  for (const top of marks)
    await markTop(top, text).catch((error: unknown) => {
      log(`an unattended restore will not see on ${top} that it was restored: ${String(error)}`);
    });
}

/**
 * /var/log/rekindle as the restored machine sees it: its own links lead to folders of its own, an absolute one too. Close it.
 * @throws RekindleError RK374 where a link leads to nothing, or 'rekindle' is one
 */
function openLogFolder(root: string): number {
  mkdirSync(root, { recursive: true });
  using top = openRoot(root);
  const logs = new Root(root).locate('/var/log');
  const path = Buffer.from(join(logs === null ? 'var/log' : relative(root, logs), 'rekindle'));
  try {
    return makeFolders(top.fd, path, 0o700);
  } catch (error) {
    throw describeObstacle(top.fd, path, error, 'RK374');
  }
}

/** In the place of what has that name, a link too. */
async function copyInto(directory: number, name: string, file: string): Promise<void> {
  removeFile(directory, Buffer.from(name));
  await copyFile(file, pathOf(directory, Buffer.from(name)), constants.COPYFILE_EXCL);
}

async function writeMarker(directory: number, text: string): Promise<void> {
  const name = Buffer.from('restored.json');
  removeFile(directory, name);
  await writeFile(pathOf(directory, name), text, { mode: 0o600, flag: 'wx', flush: true });
}

/** A link of the restored machine would lead out of it. */
async function markTop(top: string, text: string): Promise<void> {
  using root = openRoot(top);
  const name = Buffer.from('rekindle');
  const found = lstatSync(pathOf(root.fd, name), { throwIfNoEntry: false });
  if (found === undefined) changeRoot(top, () => mkdirSync(pathOf(root.fd, name), { mode: 0o700 }));
  else if (!found.isDirectory()) throw new Error('/rekindle is something else there');
  const directory = openBeneath(root.fd, name, folderFlags);
  try {
    await writeMarker(directory, text);
  } finally {
    closeSync(directory);
  }
}
