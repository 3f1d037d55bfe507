import { readFile } from 'node:fs/promises';
import { parseFd } from '../build/secrets.ts';
import { readSecret } from '../common/secret/read-secret.ts';
import { type AgeIdentity, parseIdentities } from '../restore/archive/age/identities.ts';
import { accessAtHand, type SetAccess } from '../restore/archive/open-archive.ts';
import { openSet, type RecoverySet } from '../restore/archive/open-set.ts';
import { assertSigned, judgeSet } from '../restore/archive/signature/judge-set.ts';
import { readPublicKeys } from '../restore/archive/signature/public-key-files.ts';
import { findStore } from '../restore/archive/store/find.ts';
import { identitiesOf } from '../restore/archive/unlock.ts';

/** Flags that every command has which looks into a set. */
export interface ReadFlags {
  set?: string;
  identity?: string;
  passphraseFd?: string;
  /** Files with minisign public keys: one of them must have signed the set. */
  trustedKey?: string[];
}

/**
 * Opens a set by all of its volumes that were named; asks for the passphrase only when the set is encrypted.
 * @throws as openSet, RekindleError RK360 to RK362 when none of the trusted keys signed it
 */
export async function openNamedSet(volumes: readonly string[], flags: ReadFlags): Promise<SetAccess> {
  const keys = await readPublicKeys(flags.trustedKey ?? []);
  const stores = await Promise.all(volumes.map((path) => findStore(path, flags.set ?? null)));
  const set = await openSet(stores);
  if (keys.length > 0) assertSigned(judgeSet(set, keys), `set ${set.info.set}`, keys);
  return accessAtHand(set, set.manifest?.encryption === undefined ? [] : await readIdentities(set, flags));
}

async function readIdentities(set: RecoverySet, { identity, passphraseFd }: ReadFlags): Promise<AgeIdentity[]> {
  if (identity !== undefined) return parseIdentities(await readFile(identity, 'utf8'), identity);
  const secret = await readSecret(
    passphraseFd === undefined ? { prompt: 'Passphrase of the set' } : { fd: parseFd(passphraseFd) },
  );
  return identitiesOf(set, secret);
}
