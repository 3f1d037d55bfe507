import type { planOnto } from './planning.ts';

export interface EngineOptions {
  /** Where the medium is mounted. */
  medium: string;
  journalFile: string;
  logFile: string;
  /** Where keys are that sets must be signed by, the medium's own too: the first folder that exists. */
  trustedKeys?: readonly string[];
  /** Where PID 1 put what it knows of the medium (`handedOnSealPath`). Without it no journal on a disk is proven to be ours. */
  sealFile?: string;
  /** How a restore is planned, where it is not onto the disks of this machine. */
  planOnto?: typeof planOnto;
  /** Called after each change of the state. */
  onChange: () => void;
}
