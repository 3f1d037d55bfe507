import { randomBytes } from 'node:crypto';
import type { Identity, Recipient, Stanza } from 'age-encryption';
import { AgeError } from '../failure.ts';
import { decodeBase64, encodeBase64, hkdf, unwrapFileKey, wrapFileKey } from '../wrap.ts';
import { ed25519PublicKey, type SshEd25519Key, sshTag } from './public-key.ts';
import { montgomeryPoint, montgomeryScalar, scalarMult, scalarMultBase } from './x25519.ts';

// The stanza 'ssh-ed25519' is not in age.md; age's package agessh is its definition.
const label = 'age-encryption.org/v1/ssh-ed25519';

/** The key that wraps: the shared secret, moved by a tweak of the whole SSH key so that keys of other uses never meet. */
function wrappingKey(key: SshEd25519Key, shared: Buffer, share: Buffer, point: Buffer): Buffer {
  const tweak = hkdf(Buffer.alloc(0), key.blob, label);
  return hkdf(scalarMult(tweak, shared), Buffer.concat([share, point]), label);
}

export class SshEd25519Recipient implements Recipient {
  readonly #key: SshEd25519Key;
  readonly #point: Buffer;

  constructor(key: SshEd25519Key) {
    this.#key = key;
    this.#point = montgomeryPoint(key.point);
  }

  wrapFileKey(fileKey: Uint8Array): Stanza[] {
    const ephemeral = randomBytes(32);
    const share = scalarMultBase(ephemeral);
    const key = wrappingKey(this.#key, scalarMult(ephemeral, this.#point), share, this.#point);
    return [{ args: ['ssh-ed25519', sshTag(this.#key), encodeBase64(share)], body: wrapFileKey(key, fileKey) }];
  }
}

export class SshEd25519Identity implements Identity {
  readonly #key: SshEd25519Key;
  readonly #scalar: Buffer;
  readonly #point: Buffer;

  /** @param seed 32 bytes, the private key of RFC 8032 */
  constructor(seed: Buffer, point: Buffer) {
    this.#key = ed25519PublicKey(point);
    this.#scalar = montgomeryScalar(seed);
    this.#point = scalarMultBase(this.#scalar);
  }

  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null {
    const tag = sshTag(this.#key);
    for (const { args, body } of stanzas) {
      if (args[0] !== 'ssh-ed25519' || args[1] !== tag) continue;
      const fileKey = this.#unwrap(args, body);
      if (fileKey) return fileKey;
      throw new AgeError({ kind: 'badHeader' }, 'the ssh-ed25519 stanza of this key is damaged');
    }
    return null;
  }

  #unwrap(args: readonly string[], body: Uint8Array): Uint8Array | null {
    const share = decodeBase64(args[2] ?? '');
    if (args.length !== 3 || share?.length !== 32) return null;
    try {
      const shared = scalarMult(this.#scalar, share);
      return unwrapFileKey(wrappingKey(this.#key, shared, share, this.#point), body);
    } catch {
      return null; // a share of low order
    }
  }
}
