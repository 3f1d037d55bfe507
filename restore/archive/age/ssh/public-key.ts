import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { encodeBase64 } from '../wrap.ts';
import { WireReader, wireNumber, wireString } from './wire.ts';

/** `blob` is the whole key as SSH writes it. */
export interface SshEd25519Key {
  type: 'ssh-ed25519';
  blob: Buffer;
  /** 32 bytes, the Edwards y coordinate with the sign of x. */
  point: Buffer;
}

export interface SshRsaKey {
  type: 'ssh-rsa';
  blob: Buffer;
  key: KeyObject;
}

export type SshPublicKey = SshEd25519Key | SshRsaKey;

/** age refuses shorter ones too. */
const leastRsaBits = 2048;

export function ed25519PublicKey(point: Uint8Array): SshEd25519Key {
  const blob = Buffer.concat([wireString('ssh-ed25519'), wireString(point)]);
  return { type: 'ssh-ed25519', blob, point: Buffer.from(point) };
}

/** @param exponent and modulus: big endian, without leading zeros. @returns null when the key is too short */
export function rsaPublicKey(exponent: Buffer, modulus: Buffer): SshRsaKey | null {
  const jwk = { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < leastRsaBits) return null;
  return {
    type: 'ssh-rsa',
    blob: Buffer.concat([wireString('ssh-rsa'), wireNumber(exponent), wireNumber(modulus)]),
    key,
  };
}

/** A public key's blob (RFC 4253, section 6.6; RFC 8709); null for other types, short RSA keys and damaged blobs. */
export function parseSshBlob(blob: Buffer): SshPublicKey | null {
  const reader = new WireReader(blob);
  const type = reader.string()?.toString('latin1');
  if (type === 'ssh-ed25519') {
    const point = reader.string();
    return point?.length === 32 && reader.atEnd ? ed25519PublicKey(point) : null;
  }
  if (type !== 'ssh-rsa') return null;
  const exponent = reader.number();
  const modulus = reader.number();
  return exponent && modulus && reader.atEnd ? rsaPublicKey(exponent, modulus) : null;
}

/** A line of an OpenSSH .pub file: 'ssh-ed25519 AAAA... comment'. */
export function parseSshPublicKey(line: string): SshPublicKey | null {
  const [type, base64 = ''] = line.trim().split(/\s+/);
  const key = parseSshBlob(Buffer.from(base64, 'base64'));
  return key && key.type === type && key.blob.toString('base64') === base64 ? key : null;
}

/** How a stanza names its key: 4 bytes of the blob's SHA-256. */
export function sshTag({ blob }: SshPublicKey): string {
  return encodeBase64(createHash('sha256').update(blob).digest().subarray(0, 4));
}

/** As `ssh-keygen -l` prints it. */
export function sshFingerprint({ type, blob }: SshPublicKey): string {
  return `${type} SHA256:${encodeBase64(createHash('sha256').update(blob).digest())}`;
}
