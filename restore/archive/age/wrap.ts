import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

// How stanzas wrap the file key of 16 bytes: ChaCha20-Poly1305 with a key that is used once, so the nonce is zero.
const zeroNonce = Buffer.alloc(12);
const options = { authTagLength: 16 } as const;

/** The body of a stanza, 32 bytes. @param key 32 bytes */
export function wrapFileKey(key: Uint8Array, fileKey: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, zeroNonce, options);
  return Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
}

/** The file key, null when the key does not fit. The length is checked first (age.md: partitioning oracles). */
export function unwrapFileKey(key: Uint8Array, body: Uint8Array): Uint8Array | null {
  if (body.length !== 32) return null;
  const decipher = createDecipheriv('chacha20-poly1305', key, zeroNonce, options);
  decipher.setAuthTag(body.subarray(16));
  const fileKey = decipher.update(body.subarray(0, 16));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return new Uint8Array(fileKey);
}

/** HKDF-SHA256 to 32 bytes. */
export function hkdf(secret: Uint8Array, salt: Uint8Array, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, label, 32));
}

/** Base64 as age writes it: canonical, without padding; null for anything else. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return encodeBase64(bytes) === text ? bytes : null;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
