import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Identity } from 'age-encryption';
import { SshEd25519Identity } from './ed25519.ts';
import { ed25519PublicKey, rsaPublicKey, type SshPublicKey, sshFingerprint } from './public-key.ts';
import { SshRsaIdentity } from './rsa.ts';
import { WireReader } from './wire.ts';

export type SshPrivateKey =
  | { kind: 'key'; publicKey: SshPublicKey; name: string; identity: Identity }
  /** Protected by a passphrase: OpenSSH's bcrypt_pbkdf is not in node:crypto. */
  | { kind: 'encrypted' }
  | { kind: 'unusable'; words: string };

const unusable = (words: string): SshPrivateKey => ({ kind: 'unusable', words });
const magic = 'openssh-key-v1\0';

/** A private key in OpenSSH's own format (PROTOCOL.key), PKCS#1 or PKCS#8; ed25519 or RSA. */
export function parseSshPrivateKey(pem: string): SshPrivateKey {
  const own = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(pem);
  if (own) return parseOpenSsh(Buffer.from(own[1] ?? '', 'base64'));
  if (/-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem)) return { kind: 'encrypted' };
  try {
    return keyOf(createPrivateKey(pem));
  } catch {
    return unusable('it is not a private key in PEM');
  }
}

function parseOpenSsh(bytes: Buffer): SshPrivateKey {
  if (bytes.subarray(0, magic.length).toString('latin1') !== magic) return unusable('it is damaged');
  const reader = new WireReader(bytes.subarray(magic.length));
  const cipher = reader.string()?.toString('latin1');
  reader.string(); // name of the key derivation
  reader.string(); // its options
  const keys = reader.uint32();
  reader.string(); // public key, once more inside the private part
  const secret = reader.string();
  if (!secret || keys !== 1) return unusable('it is damaged, or holds several keys');
  if (cipher !== 'none') return { kind: 'encrypted' };
  return parseSecretPart(new WireReader(secret));
}

function parseSecretPart(reader: WireReader): SshPrivateKey {
  const check = reader.uint32();
  if (check === null || check !== reader.uint32()) return unusable('it is damaged');
  const type = reader.string()?.toString('latin1') ?? '';
  if (type === 'ssh-ed25519') {
    const point = reader.string();
    const seedAndPoint = reader.string();
    if (point?.length !== 32 || seedAndPoint?.length !== 64) return unusable('it is damaged');
    return ed25519Key(seedAndPoint.subarray(0, 32), point);
  }
  if (type !== 'ssh-rsa') return unusable(`its type is ${type}; age knows ssh-ed25519 and ssh-rsa`);
  const fields = ['n', 'e', 'd', 'iqmp', 'p', 'q'].map(() => reader.number());
  const [n, e, d, qi, p, q] = fields;
  if (!n || !e || !d || !qi || !p || !q) return unusable('it is damaged');
  const jwk = { kty: 'RSA', ...encoded({ n, e, d, p, q, qi, dp: reduced(d, p), dq: reduced(d, q) }) };
  try {
    return rsaKey(createPrivateKey({ key: jwk, format: 'jwk' }), e, n);
  } catch {
    return unusable('it is damaged');
  }
}

const encoded = (fields: Record<string, Buffer>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, bytes]) => [name, bytes.toString('base64url')]));

/** d mod (p - 1), which OpenSSH leaves out. */
function reduced(exponent: Buffer, factor: Buffer): Buffer {
  const value = BigInt(`0x${exponent.toString('hex')}`) % (BigInt(`0x${factor.toString('hex')}`) - 1n);
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
}

function keyOf(key: KeyObject): SshPrivateKey {
  const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  const jwk = key.export({ format: 'jwk' });
  if (key.asymmetricKeyType === 'ed25519') return ed25519Key(bytes(jwk.d), bytes(jwk.x));
  if (key.asymmetricKeyType === 'rsa') return rsaKey(key, bytes(jwk.e), bytes(jwk.n));
  return unusable(`its type is ${key.asymmetricKeyType}; age knows ssh-ed25519 and ssh-rsa`);
}

function ed25519Key(seed: Buffer, point: Buffer): SshPrivateKey {
  const publicKey = ed25519PublicKey(point);
  const identity = new SshEd25519Identity(seed, point);
  return { kind: 'key', publicKey, name: sshFingerprint(publicKey), identity };
}

function rsaKey(key: KeyObject, exponent: Buffer, modulus: Buffer): SshPrivateKey {
  const publicKey = rsaPublicKey(exponent, modulus);
  if (!publicKey) return unusable('it is an RSA key of less than 2048 bits');
  return { kind: 'key', publicKey, name: sshFingerprint(publicKey), identity: new SshRsaIdentity(publicKey, key) };
}
