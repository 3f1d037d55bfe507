import { randomUUID } from 'node:crypto';
import { RekindleError } from '../common/errors/error.ts';
import { formatBytes } from '../common/format.ts';
import { printJson, printLines, printStatus } from '../common/print.ts';
import { run } from '../common/run.ts';
import { startFailure } from '../common/start-failure.ts';
import type { Keep } from '../restore/archive/incremental/expired.ts';
import { describeCounts, usualKinds } from '../restore/archive/note-kinds.ts';
import type { Layout } from '../restore/layout/schema.ts';
import { assertUsable, descriptorsOf } from './asked.ts';
import { captureWithout } from './capture.ts';
import { defaultSnapshot, type SnapshotChoice } from './consistency.ts';
import { type CreateOptions, type CreateResult, createMedium } from './create.ts';
import { logged } from './create-log.ts';
import type { Destination } from './destination.ts';
import { ownExecutable } from './executable.ts';
import { enterPrivateMounts, unshareArgv } from './namespace.ts';
import { findProblems, renderFindings } from './preflight/main.ts';
import { type Progress, ProgressDisplay } from './progress.ts';
import { readEncryption, readKeys } from './secrets.ts';
import { withSettings } from './settings.ts';
import { parseKeep } from './snapshots/keep.ts';
import { defaultLevel, type Level } from './snapshots/lineage.ts';
import { snapshotStore } from './snapshots/store.ts';
import { withoutRaw } from './sources.ts';
import { stoppable } from './stop.ts';
import { parseVolumeSize } from './volume-size.ts';

/** What was asked for on the command line; the settings file fills in the rest. */
export interface CreateRequest {
  to: readonly string[];
  rescueOnly: boolean;
  kernelArgument: readonly string[];
  allowUnencrypted: boolean;
  volumeSize?: string;
  recipient: readonly string[];
  recipientsFile: readonly string[];
  passphrase: boolean;
  passphraseFd: string | null;
  signingKey?: string;
  signingPasswordFd: string | null;
  /** Files with minisign public keys that sets must be signed by, this one too. */
  trustedKey: readonly string[];
  verify: boolean;
  /** Auto where nobody says. */
  snapshot?: SnapshotChoice;
  /** False: what tar cannot read stays out. */
  raw: boolean;
  /** Full where nobody says. */
  level?: Level;
  /** Text from the command line, counts from the settings. */
  keep?: string | Keep;
  answer?: string;
  workDirectory?: string;
  configFile: string | null;
  json: boolean;
}

/**
 * `rekindle create`. False: the medium is made, and something that was to be done afterwards (a hook) was not.
 * @throws RekindleError; what was begun is removed, also on Ctrl-C.
 */
export async function runCreate(asked: CreateRequest): Promise<boolean> {
  if (process.getuid?.() !== 0)
    throw new RekindleError('RK002', 'create reads every file of the machine and its disks');
  try {
    enterPrivateMounts(descriptorsOf(asked));
  } catch (error) {
    throw await startFailure(error, { argv: unshareArgv });
  }
  const settings = withSettings(asked);
  const set = randomUUID();
  const to = await settings.then(
    ({ request }) => request.to,
    () => asked.to,
  );
  const work = async (): Promise<CreateResult> => createAsked(asked, { ...(await settings), set });
  const made = ({ files, size, unfinished }: CreateResult): string =>
    `made ${files.join(', ')}, ${formatBytes(size)}${unfinished.length > 0 ? ', but not all was done afterwards' : ''}`;
  const result = await logged({ set, to }, work, made);
  report(result, asked.json);
  return result.unfinished.length === 0;
}

async function createAsked(
  asked: CreateRequest,
  { request, hooks, set }: Awaited<ReturnType<typeof withSettings>> & { set: string },
): Promise<CreateResult> {
  const { destination, recipients } = await assertUsable(request, asked);
  // Before all work: neither a wrong password nor a key that does not match must show after an hour of saving.
  const keys = await readKeys(request);
  const [to = ''] = request.to;
  const problems = (await findProblems({ rescueOnly: request.rescueOnly, to })).filter(
    ({ level }) => level === 'problem',
  );
  if (problems.length > 0) throw new RekindleError('RK201', `\n${renderFindings(problems).join('\n')}`);
  const encryption = request.rescueOnly ? null : await readEncryption(request, recipients);
  const captured = request.rescueOnly
    ? null
    : await captureConsented(destination, request.allowUnencrypted || encryption !== null);
  const layout = captured !== null && !request.raw ? withoutRaw(captured) : captured;
  return createStoppable({
    set,
    destination,
    layout,
    executable: await ownExecutable(),
    kernelArguments: request.kernelArgument,
    verify: request.verify,
    hooks,
    snapshot: request.snapshot ?? defaultSnapshot,
    snapshots: { store: snapshotStore, level: request.level ?? defaultLevel, keep: parseKeep(request.keep) },
    ...(encryption === null ? {} : { encryption }),
    ...(request.volumeSize === undefined ? {} : { volumeSize: parseVolumeSize(request.volumeSize) }),
    ...keys,
    ...(request.answer === undefined ? {} : { answerFile: request.answer }),
    ...(request.workDirectory === undefined ? {} : { workDirectory: request.workDirectory }),
  });
}

async function createStoppable(options: Omit<CreateOptions, 'signal' | 'onProgress'>): Promise<CreateResult> {
  const display = new ProgressDisplay();
  try {
    const onProgress = (progress: Progress): void => display.update(progress);
    const result = await stoppable((signal) => createMedium({ ...options, signal, onProgress }));
    display.finish();
    return result;
  } finally {
    printStatus('');
  }
}

async function captureConsented(destination: Destination, allowUnencrypted: boolean): Promise<Layout> {
  await assertConsent(allowUnencrypted);
  return captureWithout(destination);
}

async function assertConsent(allowed: boolean): Promise<void> {
  if (allowed) return;
  // From udev's database: blkid would try every floppy drive.
  const { stdout } = await run(['lsblk', '--noheadings', '--raw', '--output', 'PATH,FSTYPE']);
  const locked = [...stdout.matchAll(/^(\S+) crypto_LUKS$/gm)].map((match) => match[1]);
  if (locked.length > 0) throw new RekindleError('RK207', `encrypted: ${locked.join(', ')}`);
}

function report(result: CreateResult, json: boolean): void {
  if (json) {
    printJson(result);
    return;
  }
  const lines = [`Made ${result.files.join(', ')}, ${formatBytes(result.size)}, set ${result.set}`];
  for (const [part, bytes] of Object.entries(result.parts))
    lines.push(`  ${part.padEnd(26)}${formatBytes(bytes).padStart(9)}`);
  lines.push('rd-base before compression:');
  for (const [part, bytes] of Object.entries(result.unpacked))
    lines.push(`  ${part.padEnd(26)}${formatBytes(bytes).padStart(9)}`);
  for (const [mountPoint, counts] of Object.entries(result.notes))
    for (const text of describeCounts(counts, usualKinds)) lines.push(`note: ${mountPoint}: ${text}`);
  for (const warning of [...result.warnings, ...result.unfinished]) lines.push(`warning: ${warning}`);
  lines.push('Next: write it to a disc or a USB stick, and boot it once to see that it does.');
  printLines(lines);
}
