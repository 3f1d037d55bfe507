import type { Layout } from '../layout/schema.ts';
import type { Place } from '../plan/fill.ts';
import type { TargetDisk } from '../plan/step.ts';
import type { Here } from './firmware.ts';

/** All that planning a boot loader needs. */
export interface BootPlanInput {
  layout: Layout;
  places: readonly Place[];
  /** Target disk of a saved disk. */
  diskOf: (source: string) => TargetDisk | undefined;
  /** Partition id of a node as the saved table has it. */
  partitionIdOf: (node: string) => string | null;
  /** Absent when nobody asked this machine's firmware. */
  here: Here | undefined;
}
