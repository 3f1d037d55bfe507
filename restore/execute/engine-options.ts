export interface EngineOptions {
  /** Where the medium is mounted. */
  medium: string;
  journalFile: string;
  logFile: string;
  /** Where keys are that sets must be signed by, the medium's own too: the first folder that exists. */
  trustedKeys?: readonly string[];
  /** Called after each change of the state. */
  onChange: () => void;
}
