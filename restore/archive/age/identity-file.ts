import { decryptBytes } from './age-file.ts';
import { encryptBytes } from './encryptor.ts';
import { versionLine } from './header.ts';
import { type AgeIdentity, parseIdentities, passphraseIdentity } from './identities.ts';
import { loadAge } from './library.ts';
import { type AgeRecipients, parseRecipients } from './recipients.ts';

/**
 * Makes a key that a passphrase protects: many files encrypted to it cost one scrypt in all, where a passphrase of
 * their own costs one each. `age -d -i FILE` reads the file too.
 */
export async function createIdentityFile(
  protection: AgeRecipients,
): Promise<{ file: Buffer; recipients: AgeRecipients }> {
  const { generateX25519Identity, identityToRecipient } = await loadAge();
  const secret = await generateX25519Identity();
  const recipient = await identityToRecipient(secret);
  const file = await encryptBytes(Buffer.from(`# public key: ${recipient}\n${secret}\n`), protection);
  return { file, recipients: await parseRecipients(recipient, 'the new key') };
}

/**
 * Reads a key file, which may itself be encrypted to a passphrase, as age takes it.
 * @param source what to call the file in messages: a path
 * @param passphrase asked for only when the file is encrypted
 * @throws RekindleError RK328, AgeError
 */
export async function openIdentityFile(
  bytes: Buffer,
  source: string,
  passphrase: () => Promise<string>,
): Promise<AgeIdentity[]> {
  const encrypted = bytes.subarray(0, versionLine.length).toString('latin1') === versionLine;
  const text = encrypted ? await decryptBytes(bytes, [passphraseIdentity(await passphrase())], source) : bytes;
  return parseIdentities(text.toString('utf8'), source);
}
