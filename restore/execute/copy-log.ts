import { lstatSync, mkdirSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Action } from '../plan/step.ts';
import { changeRoot } from './change-root.ts';
import type { ActionContext } from './execute-action.ts';
import { log } from './log.ts';

/** The restored machine keeps the log, the journal, and the marker that stops a second unattended wipe. */
export async function copyLog(
  { root, marks = [] }: Extract<Action, { type: 'copy-log' }>,
  { set, journal, logFile, losses }: ActionContext,
): Promise<void> {
  const directory = join(root, 'var/log/rekindle');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await copyFile(logFile, join(directory, 'restore.log'));
  await copyFile(journal.path, join(directory, 'journal.jsonl'));
  const { info } = set;
  const { lost } = losses;
  if (lost !== null) await copyFile(lost.listFile, join(directory, 'lost-files.txt'));
  const marker = {
    set: info.set,
    lost: lost?.files ?? 0,
    at: new Date().toISOString(),
    rekindleVersion: info.rekindleVersion,
  };
  const text = `${JSON.stringify(marker)}\n`;
  await writeMarker(directory, text);
  for (const top of marks)
    await markTop(top, text).catch((error: unknown) => {
      log(`an unattended restore will not see on ${top} that it was restored: ${String(error)}`);
    });
}

function writeMarker(directory: string, text: string): Promise<void> {
  return writeFile(join(directory, 'restored.json'), text, { mode: 0o600, flush: true });
}

/** A link of the restored machine would lead out of it. */
async function markTop(top: string, text: string): Promise<void> {
  const directory = join(top, 'rekindle');
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found === undefined) changeRoot(top, () => mkdirSync(directory, { mode: 0o700 }));
  else if (!found.isDirectory()) throw new Error('/rekindle is something else there');
  await writeMarker(directory, text);
}
