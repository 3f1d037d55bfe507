import { rm } from 'node:fs/promises';
import type { LastVolume } from '../../restore/archive/write-set.ts';
import type { Layout } from '../../restore/layout/schema.ts';
import type { BackupOptions } from '../backup.ts';
import {
  baseSnapshot,
  chooseLineage,
  describeLineage,
  type FinishedSet,
  keepSnapshots,
  readMachineId,
  type SnapshotOptions,
  unkeptWarning,
} from './lineage.ts';
import { beginStored } from './store.ts';

/** What `create` needs to know of snapshots. */
export interface SetSnapshots {
  /** Absolute paths that stay out: snapshots are of no use to a machine that was restored since. */
  exclude: readonly string[];
  backup: Pick<BackupOptions, 'snapshots'>;
  manifest: Pick<LastVolume, 'lineage'>;
  /** After the medium is complete. Gives warnings. */
  keep: (made: Pick<FinishedSet, 'createdAt' | 'archives'>) => Promise<string[]>;
  /** Removes what was not kept. */
  discard: () => Promise<void>;
}

const none: SetSnapshots = {
  exclude: [],
  backup: {},
  manifest: {},
  keep: async () => [],
  discard: async () => undefined,
};

/** Before anything else is made. @throws RekindleError RK350, RK357, RK358 */
export async function snapshotsOf(
  options: SnapshotOptions | undefined,
  layout: Layout | null,
  set: string,
  onLeft: (text: string) => void = () => undefined,
): Promise<SetSnapshots> {
  if (!options || !layout) return none;
  const { store } = options;
  const lineage = await chooseLineage(options, layout, { machineId: await readMachineId(), now: new Date() });
  const manifest = { lineage: describeLineage(lineage) };
  let directory: string;
  try {
    directory = await beginStored(store, set, onLeft);
  } catch (error) {
    if (lineage.base) throw error;
    return { ...none, manifest, keep: async () => [unkeptWarning(error)] };
  }
  return {
    exclude: [store],
    backup: { snapshots: { directory, baseOf: (source) => baseSnapshot(store, lineage, source) } },
    manifest,
    keep: (made) => keepSnapshots(options, lineage, { ...made, set, directory }),
    discard: () => rm(directory, { recursive: true, force: true }),
  };
}
