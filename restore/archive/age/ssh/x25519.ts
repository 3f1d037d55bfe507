import { createHash, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

/** The field of Curve25519. */
const prime = 2n ** 255n - 19n;

const privateKey = (scalar: Buffer): KeyObject =>
  createPrivateKey({ key: scalar, format: 'raw-private', asymmetricKeyType: 'x25519' });

/** X25519 (RFC 7748), 32 bytes each. @throws when the result is zero: the point is of low order */
export function scalarMult(scalar: Buffer, point: Buffer): Buffer {
  const publicKey = createPublicKey({ key: point, format: 'raw-public', asymmetricKeyType: 'x25519' });
  return diffieHellman({ privateKey: privateKey(scalar), publicKey });
}

export function scalarMultBase(scalar: Buffer): Buffer {
  return createPublicKey(privateKey(scalar)).export({ format: 'raw-public' });
}

const fromLittleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

function toLittleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

/** 1/value in the field, as value^(p-2). */
function invert(value: bigint): bigint {
  let result = 1n;
  let base = value;
  for (let exponent = prime - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % prime;
    base = (base * base) % prime;
  }
  return result;
}

/** The X25519 public key of an Ed25519 one: u = (1 + y) / (1 - y); public values only, so time may tell. */
export function montgomeryPoint(edwardsPoint: Buffer): Buffer {
  const y = (fromLittleEndian(edwardsPoint) & (2n ** 255n - 1n)) % prime;
  return toLittleEndian(((1n + y) * invert((1n - y + prime) % prime)) % prime);
}

/** The X25519 secret of an Ed25519 seed (RFC 8032, section 5.1.5); X25519 itself clamps it. */
export function montgomeryScalar(seed: Buffer): Buffer {
  return createHash('sha512').update(seed).digest().subarray(0, 32);
}
