import type { Stanza } from 'age-encryption';
import { AgeError } from './failure.ts';
import type { AgeIdentity } from './identities.ts';
import { loadAge } from './library.ts';
import { payloadNonceSize, tagSize } from './payload.ts';
import type { AgeRecipients } from './recipients.ts';

/** What every age file begins with. */
export const versionLine = 'age-encryption.org/v1\n';
/** A header is no longer than this: room for some 300 RSA keys of 4096 bits. */
export const longestHeader = 256 * 1024;

export interface AgeHeader {
  /** All bytes before the payload's nonce. */
  bytes: Uint8Array;
  /** 16 bytes; for one file only. */
  fileKey: Uint8Array;
}

/** Makes the header of one file, with a file key of its own. */
export async function makeHeader(to: AgeRecipients): Promise<AgeHeader> {
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  let fileKey: Uint8Array | undefined;
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = key;
      return [];
    },
  });
  for (const recipient of to.recipients) encrypter.addRecipient(recipient);
  // The library makes header and payload in one; the empty payload (nonce, tag) is thrown away, its nonce not used again.
  const file = await encrypter.encrypt(new Uint8Array());
  if (!fileKey) throw new Error('age-encryption made a file without asking its recipients');
  return { bytes: file.subarray(0, file.length - payloadNonceSize - tagSize), fileKey };
}

/**
 * Where the header ends.
 * @param head the file's first bytes
 * @returns the header's length in bytes, null when there must be more
 * @throws AgeError notAge, badHeader
 */
export function findHeaderEnd(head: Buffer, name: string): number | null {
  const beginning = head.subarray(0, versionLine.length).toString('latin1');
  if (!versionLine.startsWith(beginning)) {
    const armored = beginning.startsWith('-----BEGIN');
    throw new AgeError(
      { kind: 'notAge' },
      `${name} ${armored ? 'is armored' : `does not begin with ${versionLine.trim()}`}`,
    );
  }
  const mac = head.indexOf('\n--- ');
  const end = mac < 0 ? -1 : head.indexOf('\n', mac + 1);
  if (end >= 0 && end < longestHeader) return end + 1;
  if (end >= 0 || head.length >= longestHeader)
    throw new AgeError({ kind: 'badHeader' }, `the header of ${name} does not end`);
  return null;
}

/** age's own word for a header whose MAC is wrong (age-encryption 0.3.1; a test watches it). */
const macWords = 'invalid header HMAC';

/**
 * The file key out of a header.
 * @throws AgeError wrongPassphrase, noMatch, badHeader, headerMac, memory
 */
export async function openHeader(
  header: Buffer,
  identities: readonly AgeIdentity[],
  name: string,
): Promise<Uint8Array> {
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  let stanzas: readonly Stanza[] = [];
  let nobody = false;
  // The first sees what the library parsed; the last is only asked when no identity before it fitted.
  decrypter.addIdentity({
    unwrapFileKey: (parsed) => {
      stanzas = parsed;
      return null;
    },
  });
  for (const identity of identities) identity.addTo(decrypter);
  decrypter.addIdentity({
    unwrapFileKey: () => {
      nobody = true;
      return null;
    },
  });
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    if (error instanceof AgeError) throw new AgeError(error.failure, `${name}: ${error.reason}`, error);
    if (nobody) throw noMatch(stanzas, identities, name);
    const words = error instanceof Error ? error.message : String(error);
    throw new AgeError({ kind: words === macWords ? 'headerMac' : 'badHeader' }, `${name}: ${words}`, error);
  }
}

function noMatch(stanzas: readonly Stanza[], identities: readonly AgeIdentity[], name: string): AgeError {
  const recipients = stanzas.map(({ args }) =>
    args[0]?.startsWith('ssh-') ? args.slice(0, 2).join(' ') : (args[0] ?? ''),
  );
  if (recipients.includes('scrypt') && identities.some(({ type }) => type === 'passphrase'))
    return new AgeError({ kind: 'wrongPassphrase' }, `it does not open ${name}`);
  const wanted = recipients.includes('scrypt') ? 'a passphrase' : `the key of ${recipients.join(', ')}`;
  const given = identities.map((identity) => identity.name).join(', ') || 'nothing';
  return new AgeError({ kind: 'noMatch', recipients }, `${name} opens with ${wanted}; given: ${given}`);
}
