import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { RekindleError } from '../../../common/errors/error.ts';

export const commentPrefix = 'untrusted comment: ';
const algorithm = Buffer.from('Ed');

/** A minisign public key. */
export interface PublicKey {
  /** 8 bytes, chosen by chance when the pair was made: they name the key, they do not prove it. */
  readonly id: Buffer;
  /** The id as minisign prints it: hexadecimal digits, no zeros before the first. */
  readonly keyId: string;
  readonly key: KeyObject;
}

/** minisign prints the id as a little endian number. */
export function formatKeyId(id: Uint8Array): string {
  const digits = Buffer.from(id).reverse().toString('hex').toUpperCase();
  return digits.replace(/^0+(?=.)/, '');
}

/** @param point 32 bytes */
export function makePublicKey(id: Uint8Array, point: Uint8Array): PublicKey {
  const key = createPublicKey({ key: Buffer.from(point), format: 'raw-public', asymmetricKeyType: 'ed25519' });
  return { id: Buffer.from(id), keyId: formatKeyId(id), key };
}

/** Exactly `size` bytes of padded base64 as minisign writes it, or null. */
export function decodeExactly(text: string, size: number): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === size && bytes.toString('base64') === text ? bytes : null;
}

/** The second line of a file that minisign wrote, or the only line. */
export function dataLine(text: string): string {
  const lines = text.split(/\r?\n/);
  return (lines[0]?.startsWith(commentPrefix) ? lines[1] : lines[0])?.trim() ?? '';
}

const bytesOf = (key: PublicKey): Buffer =>
  Buffer.concat([algorithm, key.id, key.key.export({ format: 'raw-public' })]);

/**
 * Reads a minisign .pub file, or the key alone as `minisign -P` takes it (56 characters that begin with RW).
 * @param source what to call the text in messages @throws RekindleError RK333
 */
export function parsePublicKey(text: string, source: string): PublicKey {
  const bytes = decodeExactly(dataLine(text), 42);
  if (!bytes?.subarray(0, 2).equals(algorithm))
    throw new RekindleError('RK333', `${source} is not a minisign public key`);
  return makePublicKey(bytes.subarray(2, 10), bytes.subarray(10));
}

/** The .pub file. */
export function renderPublicKey(key: PublicKey): string {
  return `${commentPrefix}minisign public key ${key.keyId}\n${bytesOf(key).toString('base64')}\n`;
}

/**
 * For people to compare: 128 bits of the key's SHA-256, '5F3A 99C1 ...'. The key id would not do: anybody can make
 * another key with the same id.
 */
export function fingerprint(key: PublicKey): string {
  const digest = createHash('sha256').update(bytesOf(key)).digest('hex').slice(0, 32).toUpperCase();
  return digest.match(/.{4}/g)?.join(' ') ?? '';
}
