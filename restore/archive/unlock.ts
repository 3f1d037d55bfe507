import { createHash, hkdfSync } from 'node:crypto';
import { RekindleError } from '../../common/errors/error.ts';
import { readHeader } from './age/age-file.ts';
import { AgeError } from './age/failure.ts';
import { openHeader } from './age/header.ts';
import { type AgeIdentity, passphraseIdentity } from './age/identities.ts';
import { openIdentityFile } from './age/identity-file.ts';
import { accessAtHand, indexBytes, type SetAccess } from './open-archive.ts';
import type { RecoverySet } from './open-set.ts';
import { type Archive, type SetFile, setFileNames } from './set-schema.ts';
import { type ByteSource, readRange, readWhole, streamOf } from './store/store.ts';

/** A wrong passphrase or key, or too little memory to try it, says nothing of what was to be opened. */
export function isOfTheKey(error: unknown): boolean {
  return error instanceof RekindleError && ['RK320', 'RK321', 'RK326'].includes(error.code);
}

/** Whether it is a passphrase that opens the set, rather than keys. @throws as `open` of its last volume; AgeError */
export async function opensWithPassphrase(set: RecoverySet): Promise<boolean> {
  if (keyFileOf(set)) return true;
  const access = accessAtHand(set);
  const [smallest] = bySize(access);
  return smallest !== undefined && (await headerOf(access, smallest)).includes('\n-> scrypt ');
}

/**
 * What a passphrase opens: the set's own key in key.age, so that its costly derivation is paid once for all archives.
 * @throws AgeError when it is wrong, RekindleError RK322 when key.age is not as it was written
 */
export async function identitiesOf(set: RecoverySet, passphrase: string): Promise<AgeIdentity[]> {
  const file = keyFileOf(set);
  const last = set.volumes.get(set.info.volumes);
  if (!last || !file) return [passphraseIdentity(passphrase)];
  const bytes = await readWhole(last, setFileNames.key);
  // One bit of it, and the right passphrase would be called wrong.
  if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) throw otherDigest(setFileNames.key);
  return openIdentityFile(bytes, setFileNames.key, async () => passphrase);
}

/** What the manifest does not vouch for is none. */
function keyFileOf({ manifest }: RecoverySet): SetFile | undefined {
  return manifest?.files.find(({ path }) => path === setFileNames.key);
}

function otherDigest(path: string, cause?: unknown): RekindleError {
  return new RekindleError('RK322', `${path}: its SHA-256 is not the one that the manifest has`, { cause });
}

/**
 * Tries keys on the indexes, the smallest first, until they open one: what a damaged one says of them is no judgement.
 * @throws AgeError when they do not open what is as it was written; RekindleError RK322 when no index is
 */
export async function assertOpens(access: SetAccess): Promise<void> {
  let first: unknown = null;
  for (const archive of bySize(access)) {
    try {
      for await (const _ of indexBytes(access, archive)) break;
      return;
    } catch (error) {
      if (!(error instanceof AgeError)) throw error;
      if (isOfTheKey(error) && (await isAsWritten(access, archive))) throw error;
      first ??= isOfTheKey(error) ? otherDigest(archive.index.path, error) : error;
    }
  }
  if (first !== null) throw first;
}

async function isAsWritten(access: SetAccess, archive: Archive): Promise<boolean> {
  const hash = createHash('sha256');
  const file = await openIndex(access, archive);
  try {
    for await (const bytes of streamOf(file)) hash.update(bytes);
  } finally {
    await file.close();
  }
  return hash.digest('hex') === archive.index.sha256;
}

function bySize({ set }: SetAccess): Archive[] {
  return (set.manifest?.archives ?? []).toSorted((one, other) => one.index.size - other.index.size);
}

function openIndex(access: SetAccess, { index }: Archive): Promise<ByteSource> {
  return access.openPart({ ...index, volume: access.set.manifest?.volumes ?? 1 });
}

/** @throws AgeError */
async function headerOf(access: SetAccess, archive: Archive): Promise<Buffer> {
  const file = await openIndex(access, archive);
  try {
    const read = (offset: number, length: number): Promise<Buffer> => readRange(file, offset, length);
    const { head, end } = await readHeader({ size: file.size, read }, archive.index.path);
    return head.subarray(0, end);
  } finally {
    await file.close();
  }
}

/**
 * 32 bytes that only those can have whom the set opens for, the same whichever of its keys opened it: from the file key of its
 * smallest index (HKDF-SHA-256). Null for a set without archives, and where that index is damaged.
 * @param purpose what the bytes are for: others for each @throws AgeError when the keys do not open it
 */
export async function deriveKey(access: SetAccess, purpose: string): Promise<Buffer | null> {
  const [smallest] = bySize(access);
  if (smallest === undefined) return null;
  try {
    const fileKey = await openHeader(await headerOf(access, smallest), access.identities, smallest.index.path);
    return Buffer.from(hkdfSync('sha256', fileKey, access.set.info.set, `rekindle ${purpose}`, 32));
  } catch (error) {
    if (error instanceof AgeError && !(isOfTheKey(error) && (await isAsWritten(access, smallest)))) return null;
    throw error;
  }
}
