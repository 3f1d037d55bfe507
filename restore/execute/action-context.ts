import type { SetAccess } from '../archive/open-archive.ts';
import type { RecoverySet } from '../archive/open-set.ts';
import type { ArchiveProgress } from '../archive/write-archive.ts';
import type { Proof } from '../proof/proof-schema.ts';
import type { Journal } from './journal.ts';
import type { LossCount } from './loss-count.ts';

/** What the actions of a plan are carried out with. */
export interface ActionContext {
  /** What is restored. */
  set: RecoverySet;
  /** Also of the sets that it builds on; waits for volumes that are not here. */
  accessOf: (set: string) => SetAccess;
  journal: Journal;
  logFile: string;
  losses: LossCount;
  onExtract: (progress: ArchiveProgress) => void;
  /** Passphrases by name ('luks:disk0:3'): never logged, never journalled. */
  secrets?: ReadonlyMap<string, string>;
  /** What a person should know although all went well. */
  onNote?: (note: string) => void;
  onProof: (proofs: Proof[]) => void;
}
