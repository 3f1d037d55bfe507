import type { Decrypter } from 'age-encryption';
import { RekindleError } from '../../../common/errors/error.ts';
import { loadAge } from './library.ts';
import { ScryptIdentity } from './scrypt.ts';
import { parseSshPrivateKey } from './ssh/private-key.ts';

/** Something that may open a file. The secret is in a closure: printing an identity shows its name only. */
export interface AgeIdentity {
  readonly type: 'passphrase' | 'X25519' | 'ssh-ed25519' | 'ssh-rsa';
  /** For people: 'the passphrase', 'age1...', 'ssh-ed25519 SHA256:...'. */
  readonly name: string;
  addTo(decrypter: Decrypter): void;
}

export function passphraseIdentity(passphrase: string): AgeIdentity {
  const identity = new ScryptIdentity(passphrase);
  return { type: 'passphrase', name: 'the passphrase', addTo: (decrypter) => decrypter.addIdentity(identity) };
}

function sshIdentity(pem: string, source: string): AgeIdentity {
  const key = parseSshPrivateKey(pem);
  if (key.kind === 'key') {
    const { identity, name, publicKey } = key;
    return { type: publicKey.type, name, addTo: (decrypter) => decrypter.addIdentity(identity) };
  }
  if (key.kind === 'unusable') throw new RekindleError('RK328', `${source}: ${key.words}`);
  throw new RekindleError('RK328', `${source} is protected by a passphrase`, {
    hint: 'Take the passphrase off a copy of the key ("ssh-keygen -p -f COPY"), use that, and remove it afterwards.',
  });
}

async function nativeIdentity(line: string, place: string): Promise<AgeIdentity> {
  const { identityToRecipient } = await loadAge();
  try {
    const name = await identityToRecipient(line);
    if (!line.startsWith('AGE-SECRET-KEY-1')) throw new Error('not X25519');
    return { type: 'X25519', name, addTo: (decrypter) => decrypter.addIdentity(line) };
  } catch {
    // The library's words could hold a part of the secret.
    throw new RekindleError('RK328', `${place} is not a whole secret key (AGE-SECRET-KEY-1...)`);
  }
}

/**
 * Reads secret keys: a file of age-keygen (several keys, # comments), or one SSH private key.
 * @param source what to call the text in messages: a path. Messages never hold what the file holds.
 * @throws RekindleError RK328
 */
export async function parseIdentities(text: string, source: string): Promise<AgeIdentity[]> {
  if (text.includes('-----BEGIN AGE ENCRYPTED FILE-----'))
    throw new RekindleError('RK328', `${source} is itself encrypted and armored`);
  if (text.includes('-----BEGIN ')) return [sshIdentity(text, source)];
  const identities: AgeIdentity[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line !== '' && !line.startsWith('#'))
      identities.push(await nativeIdentity(line, `${source}, line ${index + 1},`));
  }
  if (identities.length === 0) throw new RekindleError('RK328', `${source} holds no key`);
  return identities;
}
