import { parseFd } from '../build/secrets.ts';
import { RekindleError } from '../common/errors/error.ts';
import { readNamedFile } from '../common/files/read-named-file.ts';
import { offerSecret, readSecret } from '../common/secret/read-secret.ts';
import { type AgeIdentity, parseIdentities } from '../restore/archive/age/identities.ts';
import { accessAtHand, type SetAccess } from '../restore/archive/open-archive.ts';
import { openSet, type RecoverySet } from '../restore/archive/open-set.ts';
import { assertSigned, judgeSet } from '../restore/archive/signature/judge-set.ts';
import { readPublicKeys } from '../restore/archive/signature/public-key-files.ts';
import { findStore } from '../restore/archive/store/find.ts';
import { assertOpens, identitiesOf, isOfTheKey, opensWithPassphrase } from '../restore/archive/unlock.ts';

/** Flags that every command has which looks into a set. */
export interface ReadFlags {
  set?: string;
  identity?: string;
  passphraseFd?: string;
  /** Files with minisign public keys: one of them must have signed the set. */
  trustedKey?: string[];
}

/** 'needed': without a key there is nothing to show; 'offered': it may be left out; 'given': only what the flags name. */
type KeyUse = 'needed' | 'offered' | 'given';

/**
 * Opens a set by all of its volumes that were named, and tries the key on it where it is encrypted.
 * @throws as openSet, RekindleError RK360 to RK362 when none of the trusted keys signed it, RK315 without a key that is needed,
 * RK320, RK321 for one that does not open it
 */
export async function openNamedSet(
  volumes: readonly string[],
  flags: ReadFlags,
  key: KeyUse = 'needed',
): Promise<SetAccess> {
  const keys = await readPublicKeys(flags.trustedKey ?? []);
  const stores = await Promise.all(volumes.map((path) => findStore(path, flags.set ?? null)));
  const set = await openSet(stores);
  if (keys.length > 0) assertSigned(judgeSet(set, keys), `set ${set.info.set}`, keys);
  if (set.manifest?.encryption === undefined) return accessAtHand(set);
  const access = accessAtHand(set, await readIdentities(set, flags, key));
  if (key !== 'offered' && access.identities.length > 0) await assertOpens(access);
  return access;
}

async function readIdentities(
  set: RecoverySet,
  { identity, passphraseFd }: ReadFlags,
  key: KeyUse,
): Promise<AgeIdentity[]> {
  if (identity !== undefined) return parseIdentities((await readNamedFile(identity)).toString('utf8'), identity);
  if (passphraseFd !== undefined) return fromPassphrase(set, await readSecret({ fd: parseFd(passphraseFd) }), key);
  if (key === 'given') return [];
  if (!(await asksForPassphrase(set, key))) {
    if (key === 'offered') return [];
    throw new RekindleError('RK315', `set ${set.info.set} opens with a key`, {
      hint: 'Name the file with the secret key: --identity FILE.',
    });
  }
  const secret =
    key === 'needed'
      ? await readSecret({ prompt: 'Passphrase of the set' })
      : await offerSecret('Passphrase of the set (Enter: check without it)');
  return secret === null ? [] : fromPassphrase(set, secret, key);
}

/** Of a set that is only checked, a damaged key is one more thing to report. */
async function fromPassphrase(set: RecoverySet, secret: string, key: KeyUse): Promise<AgeIdentity[]> {
  return identitiesOf(set, secret).catch((error: unknown) => {
    if (key === 'offered' && isDamaged(error)) return [];
    throw error;
  });
}

async function asksForPassphrase(set: RecoverySet, key: KeyUse): Promise<boolean> {
  return opensWithPassphrase(set).catch((error: unknown) => {
    if (key === 'offered' && isDamaged(error)) return false;
    throw error;
  });
}

function isDamaged(error: unknown): boolean {
  return error instanceof RekindleError && !isOfTheKey(error);
}
