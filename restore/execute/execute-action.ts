import { chmod, mkdir, statfs, writeFile } from 'node:fs/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { renderArgv, run } from '../../common/run.ts';
import { archiveTitle } from '../archive/archive-title.ts';
import type { ReadableArchive } from '../archive/incremental/chain-losses.ts';
import { type ExtractLink, extractChain } from '../archive/incremental/extract-chain.ts';
import { readAttributes } from '../archive/index/attributes.ts';
import { knownAttributes } from '../archive/index/known-attributes.ts';
import { flagsOfEmpty, prepareEmpty } from '../archive/index/prepare-empty.ts';
import { replayAttributes } from '../archive/index/replay-attributes.ts';
import { indexBytes } from '../archive/open-archive.ts';
import { restoreRaw } from '../archive/raw/restore-raw.ts';
import type { TarRange } from '../archive/salvage.ts';
import { wrongPassphrase } from '../layout/luks.ts';
import type { Action } from '../plan/step.ts';
import type { ActionContext } from './action-context.ts';
import { assertOwnPlace } from './assert-own-place.ts';
import { copyLog } from './copy-log.ts';
import { assertDevice, assertDisk, assertFree, assertMounted, awaitNode, releaseDisk } from './disk-actions.ts';
import { log } from './log.ts';
import { proveRestored } from './prove-restored.ts';

/** Carries out one action of a step; throws when anything about it was not as it must be. */
export async function executeAction(action: Action, context: ActionContext): Promise<void> {
  assertOwnPlace(action);
  switch (action.type) {
    case 'run':
      return runLogged(action, context.secrets ?? new Map());
    case 'assert-disk':
      return assertDisk(action);
    case 'assert-device':
      return assertDevice(action);
    case 'assert-free':
      return assertFree(action);
    case 'release-disk':
      return releaseDisk(action);
    case 'await-node':
      return awaitNode(action);
    case 'assert-mounted':
      return assertMounted(action);
    case 'extract':
      return extract(action, context);
    case 'write-raw': {
      const link = linkTo(context.set.info.set, action.archive, context);
      return restoreRaw({ ...link, device: action.device, onProgress: context.onExtract });
    }
    case 'inode-flags':
      return setFlags(action, context);
    case 'mkdir':
      await mkdir(action.path, { recursive: true });
      return chmod(action.path, action.mode);
    case 'write-file':
      return writeFile(action.path, action.content, { mode: action.mode, flush: true });
    case 'prove':
      return context.onProof(await proveRestored(action));
    case 'copy-log':
      return copyLog(action, context);
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
  const okExit = [...(action.okExit ?? [0]), ...(action.secret === undefined ? [] : [wrongPassphrase])];
  const { stderr, exitCode } = await run(action.argv, { okExit, ...(input === undefined ? {} : { input }) });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  log(
    `  exit ${exitCode}, ${seconds} s${stderr.trim() === '' ? '' : `: ${stderr.trim().split('\n').slice(-3).join(' / ')}`}`,
  );
  if (action.secret !== undefined && exitCode === wrongPassphrase)
    throw new RekindleError('RK488', renderArgv(action.argv));
}

/** @throws RekindleError RK305 */
function linkTo(set: string, name: string, { accessOf }: ActionContext): ReadableArchive {
  const access = accessOf(set);
  const archive = access.set.manifest?.archives.find((candidate) => candidate.name === name);
  if (!archive) throw new RekindleError('RK305', `${name} is in the plan, but not in the manifest`);
  return { access, archive };
}

async function extract(action: Extract<Action, { type: 'extract' }>, context: ActionContext): Promise<void> {
  const before = (action.before ?? []).map(({ set, archive }) => linkTo(set, archive, context));
  const links = [...before, linkTo(context.set.info.set, action.archive, context)];
  const { access, archive } = linkTo(context.set.info.set, action.archive, context);
  const early = archive.attributes > 0 ? flagsOfEmpty((await statfs(action.at)).type) : 0;
  if (early !== 0) await prepareEmpty(readAttributes(indexBytes(access, archive)), action.at, early);
  await extractAllButLost(links, action.at, context);
  for (const link of links) context.losses.extracted(link.access.set.info.set, link.archive.name);
}

/** A volume may be given up meanwhile, with consent: then once more, without what lies on it. */
async function extractAllButLost(
  links: readonly ReadableArchive[],
  target: string,
  context: ActionContext,
): Promise<void> {
  const damagedOf = ({ access, archive }: ReadableArchive): readonly TarRange[] =>
    context.losses.damagedRanges(access.set.info.set, archive.name);
  for (;;) {
    const known = links.map((link) => ({ ...link, damaged: damagedOf(link) }));
    try {
      const lost = await extractLinks(known, target, context);
      const archive = known.at(-1)?.archive;
      if (lost > 0 && archive !== undefined) log(`${archiveTitle(archive)}: ${lost} files are lost`);
      return;
    } catch (error) {
      if (known.every((link) => damagedOf(link) === link.damaged)) throw error;
    }
  }
}

function extractLinks(links: readonly ExtractLink[], target: string, context: ActionContext): Promise<number> {
  return extractChain({
    links,
    target,
    ...(context.onNote ? { onNote: context.onNote } : {}),
    onProgress: ({ bytes, members, file }, index) => {
      const done = links.slice(0, index).map(({ archive }) => archive);
      context.onExtract({
        file,
        bytes: done.reduce((sum, { tarSize }) => sum + tarSize, bytes),
        members: done.reduce((sum, archive) => sum + archive.members, members),
      });
    },
  });
}

async function setFlags(action: Extract<Action, { type: 'inode-flags' }>, context: ActionContext): Promise<void> {
  const { access, archive } = linkTo(context.set.info.set, action.archive, context);
  const records = knownAttributes(readAttributes(indexBytes(access, archive)), action.only);
  const count = await replayAttributes(records, action.at);
  log(`${count} inodes got their flags below ${action.at}`);
}
