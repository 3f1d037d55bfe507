import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { blake2b } from '@noble/hashes/blake2.js';
import { RekindleError } from '../../../common/errors/error.ts';
import { affordableCost, type PasswordCost, passwordStream } from './key-stream.ts';
import {
  commentPrefix,
  dataLine,
  decodeExactly,
  makePublicKey,
  type PublicKey,
  renderPublicKey,
} from './public-key.ts';

// struct SeckeyStruct of minisign.h: 'Ed', key derivation ('Sc' or two zeros), 'B2', salt 32, limits 8 + 8,
// then id 8, secret key 64 (seed and public key), checksum 32; these last three encrypted.
const size = 158;
const secretAt = 54;
const sealed = Buffer.from('EdScB2');
const open = Buffer.from('Ed\0\0B2');

/** A minisign secret key. The key itself is in a closure: printing it shows the public half only. */
export interface SecretKey {
  readonly publicKey: PublicKey;
  /** Ed25519, 64 bytes. */
  sign(message: Uint8Array): Buffer;
}

const privateKeyOf = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: seed, format: 'raw-private', asymmetricKeyType: 'ed25519' });

/** @param secret id and secret key. @returns null when its two halves do not belong together */
function secretKeyOf(secret: Buffer): SecretKey | null {
  const key = privateKeyOf(secret.subarray(8, 40));
  const point = createPublicKey(key).export({ format: 'raw-public' });
  if (!point.equals(secret.subarray(40, 72))) return null;
  return { publicKey: makePublicKey(secret.subarray(0, 8), point), sign: (message) => sign(null, message, key) };
}

function xor(bytes: Buffer, stream: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (stream[index] ?? 0)));
}

/** minisign's checksum: BLAKE2b of 32 bytes over 'Ed', id and secret key. */
// node:crypto's BLAKE2b gives 64 bytes only, and a shorter one is another function, not a cut of that.
const checksumOf = (secret: Buffer): Buffer =>
  Buffer.from(blake2b(Buffer.concat([Buffer.from('Ed'), secret]), { dkLen: 32 }));

function costOf(bytes: Buffer): PasswordCost {
  return { operations: Number(bytes.readBigUInt64LE(38)), memory: Number(bytes.readBigUInt64LE(46)) };
}

/**
 * Reads a minisign secret key file.
 * @param source what to call the text in messages; they never hold what the file holds
 * @param password asked for only when the key is encrypted
 * @throws RekindleError RK333, RK334
 */
export async function openSecretKey(text: string, source: string, password: () => Promise<string>): Promise<SecretKey> {
  const bytes = decodeExactly(dataLine(text), size);
  const kind = bytes?.subarray(0, 6);
  if (!bytes || !kind || !(kind.equals(sealed) || kind.equals(open)))
    throw new RekindleError('RK333', `${source} is not a minisign secret key`);
  const body = bytes.subarray(secretAt);
  if (kind.equals(open)) {
    const key = secretKeyOf(body.subarray(0, 72));
    if (!key) throw new RekindleError('RK333', `${source} is damaged`);
    return key;
  }
  const stream = await passwordStream(await password(), bytes.subarray(6, 38), costOf(bytes), body.length, source);
  const plain = xor(body, stream);
  const secret = plain.subarray(0, 72);
  const key = checksumOf(secret).equals(plain.subarray(72)) ? secretKeyOf(secret) : null;
  if (!key) throw new RekindleError('RK334', `it does not open ${source}`);
  return key;
}

/**
 * Makes a key pair as files that minisign reads; the secret one belongs in mode 0600, never on the medium.
 * @param protection the password of the secret key, null for none (`minisign -G -W`); the cost is minisign's own
 *   (1 GiB of memory), halved until it fits into half of the free memory, unless told
 */
export async function generateKeyPair(
  protection: { password: string; cost?: PasswordCost } | null,
): Promise<{ publicKey: string; secretKey: string }> {
  const pair = generateKeyPairSync('ed25519');
  const id = randomBytes(8);
  const point = pair.publicKey.export({ format: 'raw-public' });
  const secret = Buffer.concat([id, pair.privateKey.export({ format: 'raw-private' }), point]);
  const file = protection
    ? await seal(secret, protection)
    : Buffer.concat([open, Buffer.alloc(48), secret, Buffer.alloc(32)]);
  return {
    publicKey: renderPublicKey(makePublicKey(id, point)),
    secretKey: `${commentPrefix}minisign ${protection ? 'encrypted' : 'unencrypted'} secret key\n${file.toString('base64')}\n`,
  };
}

async function seal(secret: Buffer, protection: { password: string; cost?: PasswordCost }): Promise<Buffer> {
  const cost = protection.cost ?? affordableCost();
  const salt = randomBytes(32);
  const limits = Buffer.alloc(16);
  limits.writeBigUInt64LE(BigInt(cost.operations));
  limits.writeBigUInt64LE(BigInt(cost.memory), 8);
  const body = Buffer.concat([secret, checksumOf(secret)]);
  return Buffer.concat([
    sealed,
    salt,
    limits,
    xor(body, await passwordStream(protection.password, salt, cost, body.length, 'the new key')),
  ]);
}
