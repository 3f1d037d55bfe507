import { type AgeIdentity, passphraseIdentity } from './age/identities.ts';
import { openIdentityFile } from './age/identity-file.ts';
import { indexBytes, type SetAccess } from './open-archive.ts';
import type { RecoverySet } from './open-set.ts';
import { setFileNames } from './set-schema.ts';
import { readWhole } from './store/store.ts';

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
  const archives = access.set.manifest?.archives ?? [];
  const smallest = archives.toSorted((one, other) => one.index.size - other.index.size)[0];
  if (smallest) for await (const _ of indexBytes(access, smallest)) return;
}
