import { RekindleError } from '../common/errors/error.ts';
import { readNamedFile } from '../common/files/read-named-file.ts';
import { readSecret } from '../common/secret/read-secret.ts';
import { createIdentityFile, openIdentityFile } from '../restore/archive/age/identity-file.ts';
import { type AgeRecipients, parseRecipients, passphraseRecipients } from '../restore/archive/age/recipients.ts';
import { type PublicKey, renderPublicKey } from '../restore/archive/signature/public-key.ts';
import { readPublicKeys } from '../restore/archive/signature/public-key-files.ts';
import { openSecretKey, type SecretKey } from '../restore/archive/signature/secret-key.ts';
import type { Encryption } from './create.ts';

/** Base-two logarithm: 64 MiB of memory to open. age's own default, 18, would need half of a rescue system with 512 MiB. */
const workFactor = 16;

export interface EncryptionRequest {
  recipient: readonly string[];
  recipientsFile: readonly string[];
  passphrase: boolean;
  passphraseFd: string | null;
}

export interface SigningRequest {
  signingKey?: string;
  signingPasswordFd: string | null;
}

/**
 * The keys that the set is encrypted to; null when nobody named any. Asks for nothing.
 * @throws RekindleError RK005 for keys and a passphrase together, which the format forbids; RK327 for a key that is none, or a file
 *   without any; RK009 and what the system refuses
 */
export async function readRecipients(request: EncryptionRequest): Promise<AgeRecipients | null> {
  if (request.recipient.length + request.recipientsFile.length === 0) return null;
  if (request.passphrase || request.passphraseFd !== null)
    throw new RekindleError('RK005', 'a set is encrypted to keys or with a passphrase, not both');
  const sources = [
    ...request.recipient.map((text) => ({ text, from: '--recipient' })),
    ...(await Promise.all(
      request.recipientsFile.map(async (from) => ({ text: (await readNamedFile(from)).toString('utf8'), from })),
    )),
  ];
  const parsed = await Promise.all(sources.map(({ text, from }) => parseRecipients(text, from)));
  return { names: parsed.flatMap(({ names }) => names), recipients: parsed.flatMap(({ recipients }) => recipients) };
}

/** How the set is encrypted; null when nobody asked for it. A passphrase is asked twice, or read from its file descriptor. @throws RekindleError RK329, RK330 */
export async function readEncryption(
  request: EncryptionRequest,
  recipientKeys: AgeRecipients | null,
): Promise<Encryption | null> {
  if (recipientKeys !== null) return { recipients: recipientKeys, identities: [] };
  if (!request.passphrase && request.passphraseFd === null) return null;
  const secret = await readSecret(
    request.passphraseFd === null
      ? { prompt: 'Passphrase for the set', confirm: true }
      : { fd: parseFd(request.passphraseFd) },
  );
  const { file, recipients } = await createIdentityFile(passphraseRecipients(secret, workFactor));
  return { recipients, keyFile: file, identities: await openIdentityFile(file, 'key.age', async () => secret) };
}

/** Opens the signing key now: a wrong password must not show after an hour of saving. @throws RekindleError RK333, RK334 */
async function readSigningKey({ signingKey = '', signingPasswordFd }: SigningRequest): Promise<SecretKey> {
  const password = (): Promise<string> =>
    readSecret(
      signingPasswordFd === null ? { prompt: `Password of ${signingKey}` } : { fd: parseFd(signingPasswordFd) },
    );
  return openSecretKey((await readNamedFile(signingKey)).toString('utf8'), signingKey, password);
}

export interface KeysRequest extends Partial<SigningRequest> {
  signingPasswordFd: string | null;
  trustedKey: readonly string[];
  /** Nothing is signed there, for nothing is restored from it. */
  rescueOnly: boolean;
}

/**
 * The key that signs, and those that sets must be signed by, the medium's own too: where none is named its own key.
 * @throws RekindleError RK333, RK334; RK364 when the medium would not let its own set in
 */
export async function readKeys(request: KeysRequest): Promise<{ signingKey?: SecretKey; trustedKeys: PublicKey[] }> {
  const named = await readPublicKeys(request.trustedKey);
  const wanted = `trusted: key ${named.map(({ keyId }) => keyId).join(', ')}`;
  const mustMatch = named.length > 0 && !request.rescueOnly;
  if (request.signingKey === undefined) {
    if (mustMatch) throw new RekindleError('RK364', `no --signing-key is given; ${wanted}`);
    return { trustedKeys: named };
  }
  const signingKey = await readSigningKey({ ...request, signingKey: request.signingKey });
  const own = renderPublicKey(signingKey.publicKey);
  // The whole key: anybody can make another one with the same id.
  if (mustMatch && !named.some((key) => renderPublicKey(key) === own))
    throw new RekindleError('RK364', `${request.signingKey} is key ${signingKey.publicKey.keyId}; ${wanted}`);
  return { signingKey, trustedKeys: [signingKey.publicKey, ...named] };
}

/** A secret comes by a file descriptor, never as a word that ps shows. @throws RekindleError RK005 */
export function parseFd(text: string): number {
  const fd = Number(text);
  if (!Number.isInteger(fd) || fd < 0) throw new RekindleError('RK005', `"${text}" is no file descriptor`);
  return fd;
}
