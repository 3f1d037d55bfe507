import { scrypt } from 'node:crypto';
import { freemem } from 'node:os';
import { promisify } from 'node:util';
import { RekindleError } from '../../../common/errors/error.ts';
import { formatBytes } from '../../../common/format.ts';

/** How hard a password is to guess, in libsodium's terms. */
export interface PasswordCost {
  operations: number;
  /** Bytes. */
  memory: number;
}

/** libsodium's SENSITIVE, which minisign takes: scrypt with N = 2^20, 1 GiB of memory. */
export const minisignCost: PasswordCost = { operations: 2 ** 25, memory: 2 ** 30 };

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** scrypt's N, r and p from libsodium's limits (its pickparams). */
export function scryptParameters({ operations, memory }: PasswordCost): { N: number; r: number; p: number } {
  const r = 8;
  const least = Math.max(operations, 32_768);
  // The largest power of two up to `most`, but 2 at least.
  const power = (most: number): number => 2 ** Math.max(1, Math.floor(Math.log2(Math.max(1, most))));
  if (least < memory / 32) return { N: power(least / (r * 4)), r, p: 1 };
  const N = power(memory / (r * 128));
  return { N, r, p: Math.max(1, Math.floor(Math.min(Math.floor(least / 4 / N), 0x3fffffff) / r)) };
}

/** Bytes of memory that scrypt takes. */
function memoryOf(cost: PasswordCost): number {
  const { N, r, p } = scryptParameters(cost);
  return 128 * r * (N + p);
}

/** A cost that this machine can pay: minisign too halves it until the memory is there. */
export function affordableCost(): PasswordCost {
  let { operations, memory } = minisignCost;
  for (; memory > 2 ** 25 && memoryOf({ operations, memory }) > freemem() / 2; memory /= 2) operations /= 2;
  return { operations, memory };
}

/**
 * The bytes that a secret key is XORed with: crypto_pwhash_scryptsalsa208sha256 of libsodium.
 * @param source what to call the key in messages
 * @throws RekindleError RK333 when it would take more memory than minisign's own keys do, or than there is
 */
export async function passwordStream(
  password: string,
  salt: Buffer,
  cost: PasswordCost,
  size: number,
  source: string,
): Promise<Buffer> {
  const bytes = memoryOf(cost);
  const { N, r, p } = scryptParameters(cost);
  const needs = `the password of ${source} needs ${formatBytes(bytes)} of memory`;
  const hint = 'Sign on a machine with more memory, or make a copy of the key without a password (minisign -C -W).';
  if (bytes > 2 ** 30 + 2 ** 20 || p > 16) throw new RekindleError('RK333', `${needs} (p = ${p}): refused`, { hint });
  if (bytes > freemem()) throw new RekindleError('RK333', `${needs}, ${formatBytes(freemem())} are free`, { hint });
  return derive(password, salt, size, { N, r, p, maxmem: 2 * bytes });
}
