import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { describeSet } from '../../restore/archive/incremental/chain.ts';
import { expired, type Keep } from '../../restore/archive/incremental/expired.ts';
import type { Archive, Manifest } from '../../restore/archive/set-schema.ts';
import type { Layout } from '../../restore/layout/schema.ts';
import { type Source, sourcesOf } from '../sources.ts';
import { finishStored, readStored, removeStored, type StoredSet } from './store.ts';

export const levels = ['full', 'incremental'] as const;
export type Level = (typeof levels)[number];
export const defaultLevel: Level = 'full';

export interface SnapshotOptions {
  /** '/var/lib/rekindle/snapshots' */
  store: string;
  level: Level;
  keep: Keep;
}

/** Where a set stands among the others of this machine. */
export interface Lineage {
  level: number;
  /** Null for a full set. */
  base: StoredSet | null;
  machineId: string | null;
}

/** machine-id(5) asks not to show it to others: a hash that only we make. */
export async function readMachineId(file = '/etc/machine-id'): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() === '' ? null : createHmac('sha256', text.trim()).update('rekindle').digest('hex').slice(0, 32);
}

/**
 * What the new set builds on: the newest set that this machine keeps snapshots of.
 * @throws RekindleError RK350 when there is none that holds one of its file systems, RK357, RK358
 */
export async function chooseLineage(
  { store, level }: Pick<SnapshotOptions, 'store' | 'level'>,
  layout: Layout,
  machine: { machineId: string | null; now: Date },
): Promise<Lineage> {
  const { machineId, now } = machine;
  if (level === 'full') return { level: 0, base: null, machineId };
  const stored = await readStored(store);
  const ours = stored.filter((each) => each.machineId === machineId);
  const [newest] = ours;
  if (!newest)
    throw new RekindleError('RK350', stored.length === 0 ? `${store} is empty` : `${store} is another machine's`);
  const described = describeSet(newest.set, newest.createdAt, newest.level);
  if (Date.parse(newest.createdAt) >= now.getTime())
    throw new RekindleError('RK358', `it is ${now.toISOString()}; ${described}`);
  // A set whose snapshots could not be kept (a directory vanished meanwhile) is passed over: the one before is as good a base.
  for (const base of ours) {
    const lineage = { level: base.level + 1, base, machineId };
    if (sourcesOf(layout).some((source) => baseSnapshot(store, lineage, source) !== null)) return lineage;
  }
  throw new RekindleError('RK350', `${described}, holds no file system that is mounted now, nor do older ones`);
}

/** The file that tar compares with; null: this file system is saved in full. */
export function baseSnapshot(
  store: string,
  { base }: Lineage,
  source: Pick<Source, 'mountPoint' | 'fileSystem'>,
): string | null {
  const known = base?.fileSystems.find(
    ({ mountPoint, fileSystem }) => mountPoint === source.mountPoint && fileSystem === source.fileSystem,
  );
  return base && known ? join(store, base.set, known.snapshot) : null;
}

/** What the manifest says of it. */
export function describeLineage({ level, base, machineId }: Lineage): Pick<Manifest, 'level' | 'base' | 'machineId'> {
  return {
    level,
    ...(base === null ? {} : { base: { set: base.set, createdAt: base.createdAt, level: base.level } }),
    ...(machineId === null ? {} : { machineId }),
  };
}

/** Where tar leaves the snapshot of an archive: 'NNN-name.snar'. */
export function snapshotName(archive: string): string {
  return `${archive}.snar`;
}

export interface FinishedSet {
  set: string;
  createdAt: string;
  archives: readonly Archive[];
  /** Where tar left the snapshots (`beginStored`). */
  directory: string;
}

/**
 * Keeps the finished set's snapshots and removes those that are no longer needed. The medium is good without: what fails is a
 * warning.
 */
export async function keepSnapshots(options: SnapshotOptions, lineage: Lineage, made: FinishedSet): Promise<string[]> {
  const { store, keep } = options;
  const fileSystems = made.archives.flatMap(({ name, mountPoint, fileSystem, snapshot }) =>
    snapshot && fileSystem !== undefined ? [{ mountPoint, fileSystem, snapshot: snapshotName(name) }] : [],
  );
  try {
    const { level, base, machineId } = lineage;
    const { set, createdAt } = made;
    const stored = { set, createdAt, level, base: base?.set ?? null, machineId, fileSystems };
    await finishStored(store, made.directory, stored);
    // A store that came with a clone, or is shared: what others build on is theirs to remove.
    const ours = (await readStored(store)).filter((each) => each.machineId === machineId);
    await removeStored(store, expired(ours, keep));
    return [];
  } catch (error) {
    return [unkeptWarning(error)];
  }
}

export function unkeptWarning(error: unknown): string {
  const reason = error instanceof RekindleError ? error.reason : error instanceof Error ? error.message : String(error);
  return `no incremental set can build on this one: ${reason}`;
}
