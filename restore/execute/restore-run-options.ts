import type { EngineOptions } from './engine-options.ts';
import type { LossCount } from './loss-count.ts';
import type { OpenedChain } from './opened-chain.ts';
import type { EngineState } from './protocol.ts';
import type { Checked } from './verifier.ts';

/** What the engine gives each restore. */
export interface RestoreRunOptions
  extends Pick<EngineOptions, 'medium' | 'journalFile' | 'logFile' | 'sealFile' | 'planOnto'> {
  state: EngineState;
  losses: LossCount;
  /** By name; given before the restore begins. */
  secrets: ReadonlyMap<string, string>;
  forgetSecrets: () => void;
  changed: () => void;
  verify: (opened: OpenedChain) => Promise<Checked[]>;
  forgetVerification: () => void;
}
