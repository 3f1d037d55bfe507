import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError, reportOf } from '../../common/errors/error.ts';
import { readSmallFile } from '../../common/files/read-small-file.ts';
import { chainsOf, isDisk, listBlockDevices } from '../layout/lsblk.ts';
import { listMounts } from '../layout/mounts.ts';
import { probeDevice } from '../layout/probe.ts';
import { lookOptions, whileReadOnly } from '../layout/read-only.ts';
import { lastingDigest } from '../plan/lasting.ts';
import { reopenedPlan } from '../plan/reopen.ts';
import type { Plan } from '../plan/step.ts';
import { assertDisk } from './disk-actions.ts';
import type { JournalEntry } from './journal.ts';
import { keepingTypes, keepPlaceOf, stateDirectory, stateFiles } from './keep-place.ts';
import { log } from './log.ts';
import { differencesOf } from './made.ts';
import type { PlanOrder } from './planning.ts';
import { entriesOf, type Facts, parseRemembered, provenLines, type Remembered } from './remembered.ts';
import { stepsToContinue } from './resume.ts';

/** A restore that a power cut ended, as its target remembers it, and as it is planned again. */
export interface Interrupted {
  remembered: Remembered;
  /** From the set, never from the disk. */
  plan: Plan;
  entries: JournalEntry[];
  /** Whether this medium or the set's key vouches for the entries; null: nobody can say before the set is unlocked. */
  isProven: boolean | null;
}

/** What a look at the disks is for. */
export interface Search {
  set: string;
  /** SHA-256 of its manifest. */
  manifest: string;
  plan: (order: Omit<PlanOrder, 'medium'>) => Promise<Plan>;
  /** As `journalKeyOf` gives it. */
  key: Buffer | 'locked' | null;
}

/** More than any journal grows to. Bytes. */
const longestFile = 1 << 20;

/** Devices that may remember one: partitions of disks and disks without partitions, none that the backup is read from. */
export async function devicesToLookAt(mediumDevices: readonly string[]): Promise<string[]> {
  const chains = (await listBlockDevices()).filter(isDisk).flatMap((disk) => {
    const all = chainsOf([disk]);
    return all.some(({ device }) => mediumDevices.includes(device.path)) ? [] : all;
  });
  return chains.flatMap(({ device }) =>
    ['disk', 'part'].includes(device.type) && !device.children.some(({ type }) => type === 'part') ? device.path : [],
  );
}

/**
 * Looks on these devices for a restore of this set onto the very disks that are here; one that is proven comes before one that is
 * not. Mounts read-only, journals are not replayed: nothing is written. What belongs to another set or to other disks, or does not
 * fit what the set plans, is left alone, with a line in the log.
 * @param cannotTell called for a device that remembers one, but none that can go on
 */
export async function findInterrupted(
  search: Search,
  devices: readonly string[],
  cannotTell: (device: string) => void = () => undefined,
): Promise<Interrupted | null> {
  const mounted = new Set((await listMounts()).map(({ source }) => source.replace(/\[.*\]$/, '')));
  let unproven: Interrupted | null = null;
  for (const device of devices.filter((path) => !mounted.has(path))) {
    const remembered = await lookAt(device, cannotTell).catch((error: unknown) => {
      log(`${device} was not looked at: ${reportOf(error).cause}`);
      return null;
    });
    if (remembered === null) continue;
    const found = await ours(remembered, search, device);
    if (typeof found !== 'string') {
      if (found.isProven === true) return found;
      unproven ??= found;
      continue;
    }
    log(`${device} remembers a restore that did not end, ${found}`);
    cannotTell(device);
  }
  return unproven;
}

/** What a device remembers, whoever wrote it; null where that is nothing. Mounts read-only. @param cannotTell where nobody can read it */
export async function lookAt(
  device: string,
  cannotTell: (device: string) => void = () => undefined,
): Promise<Remembered | null> {
  const type = (await probeDevice(device)).TYPE ?? '';
  if (!keepingTypes.test(type)) return null;
  let isMounted = false;
  const found = await whileReadOnly(device, type, lookOptions[type] ?? 'ro', async (at) => {
    isMounted = true;
    let state: Remembered | null = null;
    try {
      state = await readState(at, device);
    } finally {
      if (state === null && (await lstat(join(at, stateDirectory)).catch(() => null)) !== null) cannotTell(device);
    }
    return state;
  });
  if (!isMounted) log(`${device} (${type}) was not looked at: it cannot be mounted without writing`);
  return found;
}

async function readState(root: string, device: string): Promise<Remembered | null> {
  const directory = join(root, stateDirectory);
  const found = await lstat(directory).catch(() => null);
  if (found === null) return null;
  // A link could lead out of the file system.
  if (!found.isDirectory()) throw new Error(`/${stateDirectory} is no directory there`);
  const [facts = '', journal = ''] = await Promise.all(
    [stateFiles.facts, stateFiles.journal].map(async (name) =>
      (await readSmallFile(join(directory, name), { limit: longestFile })).toString('utf8'),
    ),
  );
  const remembered = parseRemembered(facts, journal);
  if (remembered === null) log(`${device} has a /${stateDirectory} that is none of ours`);
  return remembered;
}

/** Could let a restore go on that was meant for other disks, or that never was. @returns a sentence's end where it is not ours */
async function ours(remembered: Remembered, search: Search, device: string): Promise<Interrupted | string> {
  const { facts } = remembered;
  if (facts.set !== search.set) return `but of another set (${facts.set})`;
  if (facts.manifest !== search.manifest) return 'but of a set with this id and another manifest';
  const planned = await planAgain(facts, search);
  if (typeof planned === 'string') return planned;
  const place = keepPlaceOf(planned)?.device ?? 'no device';
  if (place !== device) return `but as ${place}: disks have other names now`;
  const digest = lastingDigest(planned);
  if (digest !== facts.plan)
    return `but by another plan (${facts.plan}) than this set's now (${digest}): it is ignored`;
  const plan = reopenedPlan(planned);
  const found = { remembered, plan, ...judge(remembered, plan, search.key) };
  const next = stepsToContinue(plan, found.entries);
  if (next === null) return 'but it had not come to what can be gone on with';
  const differences = await differencesOf(plan, next.order, false);
  return differences.length === 0 ? found : `but not all that it made is there: ${differences.join('; ')}`;
}

/** @param at the title of the step that is next */
export function describeInterrupted({ isProven, entries }: Interrupted, at: string | null): RekindleError {
  const reason = `it had come to: ${at}`;
  if (isProven !== false) return new RekindleError('RK468', reason);
  return new RekindleError('RK490', `${reason}, at ${entries.at(-1)?.at ?? 'no time'}, as the disk says`);
}

/** Names of disks are those of the moment: size, serial and WWN must be the same, too. */
async function planAgain({ targets, sizes, only }: Facts, search: Search): Promise<Plan | string> {
  try {
    const plan = await search.plan({
      targets: targets.map(({ source, name }) => ({ source, disk: name })),
      sizes: sizes ?? {},
      part: only === undefined ? undefined : { only },
    });
    for (const { source, disk } of plan.targets) {
      const then = targets.find((target) => target.source === source);
      if (then === undefined || plan.targets.length !== targets.length) return 'but onto other disks';
      const { sizeBytes, serial, wwn } = then;
      await assertDisk({ type: 'assert-disk', device: disk.path, sizeBytes, serial, wwn });
    }
    return plan;
  } catch (error) {
    const { code, cause } = reportOf(error);
    return code === 'RK451' ? `but onto other disks: ${cause}` : `but it cannot be planned again: ${cause} [${code}]`;
  }
}

/** Which entries count, and whether a person must vouch for them. */
export function judge(
  remembered: Remembered,
  { digest }: Plan,
  key: Search['key'],
): Pick<Interrupted, 'entries' | 'isProven'> {
  const proven = Buffer.isBuffer(key) ? provenLines(remembered, key) : null;
  if (proven !== null) return { entries: entriesOf(proven, digest, true), isProven: true };
  return { entries: entriesOf(remembered.lines, digest, false), isProven: key === 'locked' ? null : false };
}
