import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { renderArgv, run } from '../../common/run.ts';
import { extractArchive } from '../archive/extract-archive.ts';
import { readAttributes } from '../archive/index/attributes.ts';
import { prepareNoCow } from '../archive/index/prepare-nocow.ts';
import { replayAttributes } from '../archive/index/replay-attributes.ts';
import { indexBytes, type SetAccess } from '../archive/open-archive.ts';
import { restoreRaw } from '../archive/raw/restore-raw.ts';
import type { Archive } from '../archive/set-schema.ts';
import type { ArchiveProgress } from '../archive/write-archive.ts';
import type { Action } from '../plan/step.ts';
import { assertDisk, assertMounted, awaitNode, releaseDisk } from './disk-actions.ts';
import type { Journal } from './journal.ts';
import { log } from './log.ts';

export interface ActionContext {
  access: SetAccess;
  journal: Journal;
  logFile: string;
  onExtract: (progress: ArchiveProgress) => void;
  /** Passphrases by name ('luks:disk0:3'): never logged, never journalled. */
  secrets?: ReadonlyMap<string, string>;
}

/** Carries out one action of a step; throws when anything about it was not as it must be. */
export async function executeAction(action: Action, context: ActionContext): Promise<void> {
  switch (action.type) {
    case 'run':
      return runLogged(action, context.secrets ?? new Map());
    case 'assert-disk':
      return assertDisk(action);
    case 'release-disk':
      return releaseDisk(action);
    case 'await-node':
      return awaitNode(action);
    case 'assert-mounted':
      return assertMounted(action);
    case 'extract':
      return extract(action.archive, action.at, context);
    case 'write-raw':
      return restoreRaw({
        access: context.access,
        archive: archiveOf(action.archive, context),
        device: action.device,
        onProgress: context.onExtract,
      });
    case 'inode-flags':
      log(
        `${await replayAttributes(readAttributes(indexBytes(context.access, archiveOf(action.archive, context))), action.at)} inodes got their flags below ${action.at}`,
      );
      return;
    case 'mkdir':
      await mkdir(action.path, { recursive: true });
      return chmod(action.path, action.mode);
    case 'write-file':
      return writeFile(action.path, action.content, { mode: action.mode, flush: true });
    case 'copy-log':
      return copyLog(action.root, context);
  }
}

async function runLogged(
  action: Extract<Action, { type: 'run' }>,
  secrets: ReadonlyMap<string, string>,
): Promise<void> {
  const input = action.secret === undefined ? action.input : secrets.get(action.secret);
  if (action.secret !== undefined && input === undefined) throw new RekindleError('RK426', action.secret);
  const started = Date.now();
  log(`$ ${renderArgv(action.argv)}`);
  const { stderr, exitCode } = await run(action.argv, {
    ...(input === undefined ? {} : { input }),
    ...(action.okExit === undefined ? {} : { okExit: action.okExit }),
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  log(
    `  exit ${exitCode}, ${seconds} s${stderr.trim() === '' ? '' : `: ${stderr.trim().split('\n').slice(-3).join(' / ')}`}`,
  );
}

function archiveOf(name: string, { access }: ActionContext): Archive {
  const archive = access.set.manifest?.archives.find((candidate) => candidate.name === name);
  if (!archive) throw new RekindleError('RK305', `${name} is in the plan, but not in the manifest`);
  return archive;
}

async function extract(name: string, at: string, context: ActionContext): Promise<void> {
  const archive = archiveOf(name, context);
  if (archive.subvolume !== undefined && archive.attributes > 0)
    await prepareNoCow(readAttributes(indexBytes(context.access, archive)), at);
  await extractArchive({ access: context.access, archive, target: at, onProgress: context.onExtract });
}

/** The restored machine keeps the log, the journal, and the marker that stops a second unattended wipe. */
async function copyLog(root: string, { access, journal, logFile }: ActionContext): Promise<void> {
  const directory = join(root, 'var/log/rekindle');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await copyFile(logFile, join(directory, 'restore.log'));
  await copyFile(journal.path, join(directory, 'journal.jsonl'));
  const { info } = access.set;
  const marker = { set: info.set, at: new Date().toISOString(), rekindleVersion: info.rekindleVersion };
  await writeFile(join(directory, 'restored.json'), `${JSON.stringify(marker)}\n`, { mode: 0o600, flush: true });
}
