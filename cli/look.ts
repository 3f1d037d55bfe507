import { resolve } from 'node:path';
import type { Command } from 'commander';
import { RekindleError } from '../common/errors/error.ts';
import { formatBytes, formatCount, formatTime } from '../common/format.ts';
import { printErrorLines, printJson, printLines, untilPrinted } from '../common/print.ts';
import { archiveTitle } from '../restore/archive/archive-title.ts';
import { describeSet } from '../restore/archive/incremental/chain.ts';
import { escapePath } from '../restore/archive/index/escape-path.ts';
import { findMembers } from '../restore/archive/index/find-members.ts';
import type { MemberRecord } from '../restore/archive/index/index-records.ts';
import { matchPaths } from '../restore/archive/index/path-matcher.ts';
import { readLeftOut } from '../restore/archive/left-out.ts';
import { archivesOf, machinePath, PathsToFind } from '../restore/archive/machine-paths.ts';
import { describeNotes, losesSome } from '../restore/archive/note-kinds.ts';
import { indexBytes, type SetAccess } from '../restore/archive/open-archive.ts';
import type { Archive } from '../restore/archive/set-schema.ts';
import { takeFiles } from '../restore/archive/take-files.ts';
import { MountPoints } from '../restore/archive/target/mount-points.ts';
import { collect } from './collect.ts';
import { exitCodes } from './exit-codes.ts';
import { fileDescriptor, setId } from './option-values.ts';
import { openNamedSet, type ReadFlags } from './read-set.ts';

const volumesHelp = 'the set: a medium that is mounted, its directory, or an ISO file; all of its volumes';

/** Flags of every command that reads a set. */
export function readsSet(command: Command): Command {
  return command
    .argument('<volume...>', volumesHelp)
    .option('--set <uuid>', 'which set, where there are several', setId)
    .option('--identity <file>', 'key that opens an encrypted set: age or OpenSSH')
    .option(
      '--passphrase-fd <number>',
      'read the passphrase from this file descriptor instead of the terminal',
      fileDescriptor,
    )
    .option('--trusted-key <file>', 'minisign key that must have signed the set; may be repeated', collect, []);
}

interface ExtractFlags extends ReadFlags {
  path: string[];
  to: string;
  skipDamaged?: boolean;
}

/** `rekindle list` and `rekindle extract`. */
export function addLook(program: Command, finish: (exitCode: number) => void): void {
  readsSet(program.command('list'))
    .description('look into a set: what it is, or the files below a path')
    .option('--path <path>', 'list what is there on the saved machine; may be repeated', collect, [])
    .option('--json', 'print JSON, one object a line for files')
    .action(async (volumes: string[], flags: ReadFlags & { path: string[]; json?: boolean }) => {
      const access = await openNamedSet(volumes, flags, flags.path.length > 0 ? 'needed' : 'given');
      if (flags.path.length > 0) assertBackup(access);
      if (flags.path.length === 0) await printSummary(access, flags.json === true);
      else await printFiles(access, flags.path, flags.json === true);
      finish(exitCodes.ok);
    });
  readsSet(program.command('extract'))
    .description('take files or folders out of a set, with owners and attributes')
    .requiredOption('--path <path>', 'path on the saved machine; may be repeated', collect)
    .requiredOption('--to <directory>', 'they come out below it, under their whole paths')
    .option('--skip-damaged', 'take what is sound of a damaged set, and name each file that is lost')
    .action(async (volumes: string[], flags: ExtractFlags) => {
      await extract(volumes, flags).then(finish);
    });
}

async function extract(volumes: string[], flags: ExtractFlags): Promise<number> {
  if (process.getuid?.() !== 0)
    printErrorLines(['Not root: owners, and attributes that only root can set, do not come back.']);
  const access = await openNamedSet(volumes, flags);
  assertBackup(access);
  const target = resolve(flags.to);
  let [lost, notTaken] = [0, 0];
  const onLost = (path: Buffer): void => {
    lost += 1;
    printLines([`LOST     ${escapePath(path)}`]);
  };
  const onNotTaken = (line: string): void => {
    notTaken += 1;
    printLines([`NOT TAKEN  ${line}`]);
  };
  const { signal } = stoppable();
  const skipping = flags.skipDamaged ? { onLost } : {};
  const options = { access, paths: flags.path, target, signal, onNotTaken, ...skipping };
  const count = await takeFiles(options).catch(suggestSkipping);
  const kept = notTaken === 0 ? '' : '; some of them are not there, or not with everything: see NOT TAKEN';
  printLines([
    `${formatCount(count)} ${count === 1 ? 'file' : 'files'} below ${target}, ${formatCount(lost)} lost${kept}`,
    ...(lost > 0 ? ['Lost: the set is damaged where they lie. Use another copy of the medium for these.'] : []),
  ]);
  return lost + notTaken === 0 ? exitCodes.ok : exitCodes.problems;
}

/** @throws RekindleError RK403 */
function assertBackup({ set: { info, manifest } }: SetAccess): void {
  const hint = 'It is a rescue-only medium: name one that "rekindle create" made without --rescue-only.';
  if (manifest === null) throw new RekindleError('RK403', `set ${info.set} of ${info.machine.hostname}`, { hint });
}

/** Of damage in single frames: here, unlike in a restore, the rest is one option away. */
function suggestSkipping(error: unknown): never {
  if (!(error instanceof RekindleError) || !['RK307', 'RK308'].includes(error.code)) throw error;
  const hint = 'Use another copy of the medium; or take what is sound, and have the rest named: --skip-damaged';
  throw new RekindleError(error.code, error.reason, { hint, cause: error });
}

/** What is under way is cleaned up first. */
function stoppable(): AbortController {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  return stop;
}

async function printSummary(access: SetAccess, json: boolean): Promise<void> {
  const { set } = access;
  const { info, manifest } = set;
  if (json) {
    printJson({ info, manifest });
    return;
  }
  const encrypted = manifest?.encryption === undefined ? '' : ', encrypted';
  const lines = [
    `Set ${info.set}: ${info.machine.hostname}, ${info.machine.os}, saved ${info.createdAt}${encrypted}`,
    `Volumes: ${info.volumes}; here: ${[...set.volumes].map(([number, { name }]) => `${number} (${name})`).join(', ')}`,
  ];
  if (manifest?.base)
    lines.push(`Changes only, since ${describeSet(manifest.base.set, manifest.base.createdAt, manifest.base.level)}`);
  for (const archive of manifest?.archives ?? []) {
    lines.push(
      `  ${listedName(archive).padEnd(24)} ${formatBytes(archive.tarSize).padStart(9)} in ${formatBytes(archive.size).padStart(9)}  ${holds(archive)}`,
    );
    lines.push(...describeNotes(archive).map((line) => `    ${line}`));
    if (losesSome(archive)) lines.push(...(await namesIfOpen(access, archive)).map((line) => `      ${line}`));
  }
  if (manifest === null) lines.push('  a rescue medium without a backup');
  printLines(lines);
}

/** The list that has them is encrypted with the files. */
async function namesIfOpen(access: SetAccess, archive: Archive): Promise<string[]> {
  const locked = access.set.manifest?.encryption !== undefined && access.identities.length === 0;
  return locked ? ['which: name the key (--identity FILE, --passphrase-fd N)'] : readLeftOut(access, archive);
}

/** With the path that takes files out of it, where its name is none. */
function listedName(archive: Archive): string {
  const title = archiveTitle(archive);
  return archive.method !== undefined || title === archive.mountPoint
    ? title
    : `${title} (--path ${archive.mountPoint})`;
}

function holds({ method, members }: Archive): string {
  if (method === undefined) return `${formatCount(members).padStart(10)} files`;
  return `as it was on the disk (${method}): no single files can be taken out`;
}

async function printFiles(access: SetAccess, paths: readonly string[], json: boolean): Promise<void> {
  const asked = new PathsToFind(paths, access.set);
  const archives = archivesOf(access.set.manifest?.archives ?? [], paths);
  const mounts = new MountPoints(archives);
  for (const { archive, names } of archives)
    for await (const { member, matches } of findMembers(() => indexBytes(access, archive), matchPaths(names))) {
      if (!matches || mounts.isHidden(archive, member)) continue;
      const whole = machinePath(archive, member.path);
      asked.found(whole);
      const path = escapePath(whole);
      if (json) printJson(jsonOf(member, path), 0);
      else printLines([plainLine(archive, member, path)]);
      await untilPrinted();
    }
  asked.assertAll();
}

/** A symbolic link as it is; a hard link by the name of the file that it is another name of. */
function linkOf(archive: Archive, { type, linkPath }: MemberRecord): string {
  if (linkPath === null) return '';
  return type === 'h' ? ` = ${escapePath(machinePath(archive, linkPath))}` : ` -> ${escapePath(linkPath)}`;
}

function plainLine(archive: Archive, member: MemberRecord, path: string): string {
  const { type, mode, uid, gid, size, mtime } = member;
  const link = linkOf(archive, member);
  const letters = type === 'f' || type === 'h' ? '-' : type;
  return `${letters} ${mode.toString(8).padStart(4, '0')} ${`${uid}:${gid}`.padStart(11)} ${String(size).padStart(13)} ${formatTime(mtime)} ${path}${link}`;
}

function jsonOf({ type, mode, uid, gid, size, mtime, linkPath }: MemberRecord, path: string): unknown {
  const link = linkPath === null ? {} : { link: escapePath(linkPath) };
  return { path, type, mode: mode.toString(8), uid, gid, size, mtime, ...link };
}
