import type { Recipient } from 'age-encryption';
import { RekindleError } from '../../../common/errors/error.ts';
import { loadAge } from './library.ts';
import { defaultWorkFactor, highestWorkFactor, ScryptRecipient } from './scrypt.ts';
import { SshEd25519Recipient } from './ssh/ed25519.ts';
import { parseSshPublicKey, sshFingerprint } from './ssh/public-key.ts';
import { SshRsaRecipient } from './ssh/rsa.ts';

/** Whom a file is encrypted to. The format allows a passphrase or keys, never both. */
export interface AgeRecipients {
  /** For people: 'a passphrase', 'age1...', 'ssh-ed25519 SHA256:...'. */
  readonly names: readonly string[];
  readonly recipients: readonly (string | Recipient)[];
}

/** @param workFactor base-two logarithm of scrypt's cost; the rescue must have 2^workFactor KiB free to open it */
export function passphraseRecipients(passphrase: string, workFactor: number = defaultWorkFactor): AgeRecipients {
  if (!Number.isInteger(workFactor) || workFactor < 1 || workFactor > highestWorkFactor)
    throw new RangeError(`the work factor ${workFactor} is not between 1 and ${highestWorkFactor}`);
  return { names: ['a passphrase'], recipients: [new ScryptRecipient(passphrase, workFactor)] };
}

async function parseRecipient(text: string): Promise<{ name: string; recipient: string | Recipient }> {
  if (text.startsWith('age1')) {
    await tryOut(text);
    return { name: text, recipient: text };
  }
  const key = parseSshPublicKey(text);
  if (!key) throw new Error('it is no public key of a known type (RSA: of at least 2048 bits)');
  const recipient = key.type === 'ssh-rsa' ? new SshRsaRecipient(key) : new SshEd25519Recipient(key);
  await tryOut(recipient);
  return { name: sshFingerprint(key), recipient };
}

/** Wraps one key and throws it away: a point that cannot be used is found before the saving starts. */
async function tryOut(recipient: string | Recipient): Promise<void> {
  // The library knows newer types, which the age of Debian 12 cannot open; its text forms start with age1 and a name.
  if (typeof recipient === 'string' && !/^age1[02-9ac-hj-np-z]{58}$/.test(recipient))
    throw new Error('it is not an X25519 key (age1 and 58 characters)');
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  await encrypter.encrypt(new Uint8Array());
}

/**
 * Reads public keys, one a line as in age's recipient files and OpenSSH's .pub files; # begins a comment line.
 * @param source what to call the text in messages: a path
 * @throws RekindleError RK327
 */
export async function parseRecipients(text: string, source: string): Promise<AgeRecipients> {
  const parsed: { name: string; recipient: string | Recipient }[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('AGE-SECRET-KEY-'))
      throw new RekindleError('RK327', `${source}, line ${index + 1}: this is a secret key, not a recipient`);
    try {
      parsed.push(await parseRecipient(line));
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw new RekindleError('RK327', `${source}, line ${index + 1} (${line.slice(0, 40)}): ${words}`);
    }
  }
  if (parsed.length === 0) throw new RekindleError('RK327', `${source} names no recipient`);
  return { names: parsed.map(({ name }) => name), recipients: parsed.map(({ recipient }) => recipient) };
}
