import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportOf } from '../../common/errors/error.ts';
import { chainsOf, isDisk, listBlockDevices } from '../layout/lsblk.ts';
import { listMounts } from '../layout/mounts.ts';
import { probeDevice } from '../layout/probe.ts';
import { lookOptions, whileReadOnly } from '../layout/read-only.ts';
import { reopenedPlan } from '../plan/reopen.ts';
import type { Plan } from '../plan/step.ts';
import { assertDisk } from './disk-actions.ts';
import { type JournalEntry, parseJournal, parsePlan } from './journal.ts';
import { keepingTypes, keepPlaceOf, stateDirectory, stateFiles } from './keep-place.ts';
import { log } from './log.ts';
import { stepsToContinue } from './resume.ts';

/** A restore that a power cut ended, as its target remembers it. */
export interface Interrupted {
  plan: Plan;
  entries: JournalEntry[];
}

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
 * Looks on these devices for a restore of this set onto the very disks that are here. Mounts read-only, journals are not
 * replayed: nothing is written. What belongs to another set or to other disks is left alone, with a line in the log.
 */
export async function findInterrupted(set: string, devices: readonly string[]): Promise<Interrupted | null> {
  const mounted = new Set((await listMounts()).map(({ source }) => source.replace(/\[.*\]$/, '')));
  for (const device of devices.filter((path) => !mounted.has(path))) {
    const found = await lookAt(device).catch((error: unknown) => {
      log(`${device} was not looked at: ${reportOf(error).cause}`);
      return null;
    });
    if (found !== null && (await isOurs(found, set, device))) return found;
  }
  return null;
}

async function lookAt(device: string): Promise<Interrupted | null> {
  const type = (await probeDevice(device)).TYPE ?? '';
  if (!keepingTypes.test(type)) return null;
  let isMounted = false;
  const found = await whileReadOnly(device, type, lookOptions[type] ?? 'ro', (at) => {
    isMounted = true;
    return readState(at);
  });
  if (!isMounted) log(`${device} (${type}) was not looked at: it cannot be mounted without writing`);
  return found;
}

async function readState(root: string): Promise<Interrupted | null> {
  const directory = join(root, stateDirectory);
  const [plan, journal] = [join(directory, stateFiles.plan), join(directory, stateFiles.journal)];
  for (const path of [directory, plan, journal]) {
    const found = await lstat(path).catch(() => null);
    // A link could lead out of the file system.
    if (found === null || !(path === directory ? found.isDirectory() : found.isFile())) return null;
  }
  const kept = parsePlan(await readFile(plan, 'utf8'));
  return kept === null ? null : afterPowerCut(kept, parseJournal(await readFile(journal, 'utf8')));
}

/** Nothing is open any more: the plan says how it is opened, and what was done of it is done. */
function afterPowerCut(kept: Plan, entries: readonly JournalEntry[]): Interrupted {
  const plan = reopenedPlan(kept);
  return {
    plan,
    entries: entries.map((entry) => (entry.plan === kept.digest ? { ...entry, plan: plan.digest } : entry)),
  };
}

/** Could let a restore go on that was meant for other disks. */
async function isOurs({ plan, entries }: Interrupted, set: string, device: string): Promise<boolean> {
  const what = `${device} remembers a restore that did not end`;
  if (plan.set !== set) {
    log(`${what}, of another set (${plan.set})`);
    return false;
  }
  if (keepPlaceOf(plan)?.device !== device) {
    log(`${what}, but as ${keepPlaceOf(plan)?.device ?? 'no device'}: disks have other names now`);
    return false;
  }
  for (const { disk } of plan.targets) {
    const { path, sizeBytes, serial, wwn } = disk;
    try {
      await assertDisk({ type: 'assert-disk', device: path, sizeBytes, serial, wwn });
    } catch (error) {
      log(`${what}, but onto other disks: ${reportOf(error).cause}`);
      return false;
    }
  }
  return stepsToContinue(plan, entries) !== null;
}
