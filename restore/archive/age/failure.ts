import type { ErrorCode } from '../../../common/errors/catalogue.ts';
import { RekindleError } from '../../../common/errors/error.ts';

/** What can go wrong with an age file. Offsets are bytes from the beginning of the encrypted file. */
export type AgeFailure =
  | { kind: 'wrongPassphrase' }
  /** No identity fits; `recipients` are the types that the header names. */
  | { kind: 'noMatch'; recipients: readonly string[] }
  /** The header cannot be parsed, or a stanza in it is malformed. */
  | { kind: 'badHeader' }
  /** An identity fits, but the header is not the one that was written. */
  | { kind: 'headerMac' }
  /** The file ends at `offset`, before its last chunk. */
  | { kind: 'truncated'; offset: number }
  /** A chunk fails its authentication; a cut inside the last chunk looks the same (`last`). */
  | { kind: 'damagedChunk'; offset: number; chunk: number; last: boolean }
  /** Not age-encryption.org/v1, or armored. */
  | { kind: 'notAge' }
  /** scrypt would need `bytes` of memory, more than allowed or more than there is. */
  | { kind: 'memory'; bytes: number };

const codes: Record<AgeFailure['kind'], ErrorCode> = {
  wrongPassphrase: 'RK320',
  noMatch: 'RK321',
  badHeader: 'RK322',
  headerMac: 'RK322',
  truncated: 'RK323',
  damagedChunk: 'RK324',
  notAge: 'RK325',
  memory: 'RK326',
};

/** An age file that cannot be opened or read; RK320 to RK326 by the kind of `failure`. */
export class AgeError extends RekindleError {
  readonly failure: AgeFailure;

  constructor(failure: AgeFailure, reason: string, cause?: unknown) {
    super(codes[failure.kind], reason, { cause });
    this.name = 'AgeError';
    this.failure = failure;
  }
}
