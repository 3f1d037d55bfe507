import { hkdfSync } from 'node:crypto';
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
 * @throws AgeError when it is wrong
 */
export async function identitiesOf(set: RecoverySet, passphrase: string): Promise<AgeIdentity[]> {
  const last = set.volumes.get(set.info.volumes);
  if (!last || (await last.size(setFileNames.key)) === null) return [passphraseIdentity(passphrase)];
  return openIdentityFile(await readWhole(last, setFileNames.key), setFileNames.key, async () => passphrase);
}

/** Tries keys on the smallest index. @throws AgeError when they do not open it */
export async function assertOpens(access: SetAccess): Promise<void> {
  const smallest = smallestIndex(access);
  if (smallest) for await (const _ of indexBytes(access, smallest)) return;
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
