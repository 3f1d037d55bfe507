import { secretFromFd } from './from-fd.ts';
import { optionalFromTerminal, secretFromTerminal } from './from-terminal.ts';

/** Where a secret comes from: never from arguments or the environment, which other processes can read. */
export type SecretSource =
  /** An open file descriptor: up to the first newline. Several secrets can follow each other, one a line. */
  | { fd: number }
  /** Typed on the terminal, unseen; `confirm` asks twice, for a passphrase that is made. `prompt` is without its colon. */
  | { prompt: string; confirm?: boolean };

/**
 * A passphrase that somebody at a terminal may leave out. `prompt` is without its colon.
 * @returns null where there is no terminal, or nothing was typed @throws RekindleError RK006, RK329 when the terminal fails
 */
export function offerSecret(prompt: string): Promise<string | null> {
  return optionalFromTerminal(prompt);
}

/**
 * Reads a passphrase. It is never empty, and exactly what was given: no blanks are cut off.
 * @throws RekindleError RK329 when there is none, RK330 when it was typed differently, RK006 when interrupted
 */
export function readSecret(source: SecretSource): Promise<string> {
  return 'fd' in source ? secretFromFd(source.fd) : secretFromTerminal(source.prompt, source.confirm ?? false);
}
