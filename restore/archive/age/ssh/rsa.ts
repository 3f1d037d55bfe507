import { constants, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { Identity, Recipient, Stanza } from 'age-encryption';
import { AgeError } from '../failure.ts';
import { type SshRsaKey, sshTag } from './public-key.ts';

// The stanza 'ssh-rsa' is not in age.md; age's package agessh is its definition: RSA-OAEP with SHA-256 and a label.
const oaep = {
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from('age-encryption.org/v1/ssh-rsa'),
};

export class SshRsaRecipient implements Recipient {
  readonly #key: SshRsaKey;

  constructor(key: SshRsaKey) {
    this.#key = key;
  }

  wrapFileKey(fileKey: Uint8Array): Stanza[] {
    return [{ args: ['ssh-rsa', sshTag(this.#key)], body: publicEncrypt({ key: this.#key.key, ...oaep }, fileKey) }];
  }
}

export class SshRsaIdentity implements Identity {
  readonly #tag: string;
  readonly #privateKey: KeyObject;

  constructor(publicKey: SshRsaKey, privateKey: KeyObject) {
    this.#tag = sshTag(publicKey);
    this.#privateKey = privateKey;
  }

  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null {
    for (const { args, body } of stanzas) {
      if (args[0] !== 'ssh-rsa' || args[1] !== this.#tag) continue;
      try {
        const fileKey = privateDecrypt({ key: this.#privateKey, ...oaep }, body);
        if (args.length === 2 && fileKey.length === 16) return new Uint8Array(fileKey);
      } catch {
        // OAEP failed: the same as a wrong length
      }
      throw new AgeError({ kind: 'badHeader' }, 'the ssh-rsa stanza of this key is damaged');
    }
    return null;
  }
}
