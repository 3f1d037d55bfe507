import { createHash, hkdfSync } from 'node:crypto';
import { RekindleError } from '../../common/errors/error.ts';
import { readHeader } from './age/age-file.ts';
import { openHeader } from './age/header.ts';
import { type AgeIdentity, passphraseIdentity } from './age/identities.ts';
import { openIdentityFile } from './age/identity-file.ts';
import { indexBytes, type SetAccess } from './open-archive.ts';
import type { RecoverySet } from './open-set.ts';
import { type Archive, setFileNames } from './set-schema.ts';
import { readRange, readWhole } from './store/store.ts';

/**
 * What a passphrase opens: the set's own key in key.age, so that its costly derivation is paid once for all archives.
 * @throws AgeError when it is wrong; RekindleError RK322 where key.age is not as it was written, for then no passphrase is right
 */
export async function identitiesOf(set: RecoverySet, passphrase: string): Promise<AgeIdentity[]> {
  const last = set.volumes.get(set.info.volumes);
  if (!last || (await last.size(setFileNames.key)) === null) return [passphraseIdentity(passphrase)];
  const bytes = await readWhole(last, setFileNames.key);
  try {
    return await openIdentityFile(bytes, setFileNames.key, async () => passphrase);
  } catch (error) {
    if (isAsWritten(set, bytes)) throw error;
    const reason = `${setFileNames.key}: its content changed (SHA-256), so no passphrase opens it any more`;
    throw new RekindleError('RK322', reason, { cause: error });
  }
}

function isAsWritten({ manifest }: RecoverySet, key: Buffer): boolean {
  const written = manifest?.files.find(({ path }) => path === setFileNames.key);
  return written === undefined || createHash('sha256').update(key).digest('hex') === written.sha256;
}

/** Tries keys on the smallest index. @throws AgeError when they do not open it */
export async function assertOpens(access: SetAccess): Promise<void> {
  const smallest = smallestIndex(access);
  if (smallest) for await (const _ of indexBytes(access, smallest)) return;
}

/** A wrong passphrase or key, or too little memory to try it, says nothing of the archive. */
export function isOfTheReader(error: unknown): boolean {
  return error instanceof RekindleError && ['RK320', 'RK321', 'RK326'].includes(error.code);
}

function smallestIndex({ set }: SetAccess): Archive | undefined {
  return set.manifest?.archives.toSorted((one, other) => one.index.size - other.index.size)[0];
}

/**
 * 32 bytes that only those can have whom the set opens for, the same whichever of its keys opened it: from the file key of its
 * smallest index (HKDF-SHA-256). Null for a set without archives.
 * @param purpose what the bytes are for: others for each @throws AgeError when the keys do not open it
 */
export async function deriveKey(access: SetAccess, purpose: string): Promise<Buffer | null> {
  const smallest = smallestIndex(access);
  if (smallest === undefined) return null;
  const { path } = smallest.index;
  const file = await access.openPart({ ...smallest.index, volume: access.set.manifest?.volumes ?? 1 });
  try {
    const read = (offset: number, length: number): Promise<Buffer> => readRange(file, offset, length);
    const { head, end } = await readHeader({ size: file.size, read }, path);
    const fileKey = await openHeader(head.subarray(0, end), access.identities, path);
    return Buffer.from(hkdfSync('sha256', fileKey, access.set.info.set, `rekindle ${purpose}`, 32));
  } finally {
    await file.close();
  }
}
