import { readFile } from 'node:fs/promises';
import { parseFd } from '../build/secrets.ts';
import { readSecret } from '../common/secret/read-secret.ts';
import { type AgeIdentity, parseIdentities } from '../restore/archive/age/identities.ts';
import { accessAtHand, type SetAccess } from '../restore/archive/open-archive.ts';
import { openSet, type RecoverySet } from '../restore/archive/open-set.ts';
import { assertSigned, judgeSet } from '../restore/archive/signature/judge-set.ts';
import { readPublicKeys } from '../restore/archive/signature/public-key-files.ts';
import { findStore } from '../restore/archive/store/find.ts';
import { assertOpens, identitiesOf, isOfTheReader } from '../restore/archive/unlock.ts';

/** Flags that every command has which looks into a set. */
export interface ReadFlags {
  set?: string;
  identity?: string;
  /** Asked for, where the command would do without. */
  passphrase?: boolean;
  passphraseFd?: string;
  /** Files with minisign public keys: one of them must have signed the set. */
  trustedKey?: string[];
}

/** Of an encrypted set for which no key was given: 'ask' for its passphrase, or 'goOn' with what lies open. */
export type WithoutKey = 'ask' | 'goOn';

/**
 * Opens a set by all of its volumes that were named. A key that was given is tried before anything else is done with it.
 * @throws as openSet, RekindleError RK360 to RK362 when none of the trusted keys signed it; AgeError when the key does not open it
 */
export async function openNamedSet(
  volumes: readonly string[],
  flags: ReadFlags,
  withoutKey: WithoutKey = 'ask',
): Promise<SetAccess> {
  const keys = await readPublicKeys(flags.trustedKey ?? []);
  const stores = await Promise.all(volumes.map((path) => findStore(path, flags.set ?? null)));
  const set = await openSet(stores);
  if (keys.length > 0) assertSigned(judgeSet(set, keys), `set ${set.info.set}`, keys);
  const isLocked = set.manifest?.encryption !== undefined;
  const hasKey = flags.identity !== undefined || flags.passphraseFd !== undefined || flags.passphrase === true;
  if (!isLocked || (withoutKey === 'goOn' && !hasKey)) return accessAtHand(set);
  const access = accessAtHand(set, await readIdentities(set, flags));
  await assertOpensIfSound(access);
  return access;
}

/** Only a wrong key ends a command here: what it does next says more of a file that is damaged or not at hand. */
async function assertOpensIfSound(access: SetAccess): Promise<void> {
  try {
    await assertOpens(access);
  } catch (error) {
    if (isOfTheReader(error)) throw error;
  }
}

async function readIdentities(set: RecoverySet, { identity, passphraseFd }: ReadFlags): Promise<AgeIdentity[]> {
  if (identity !== undefined) return parseIdentities(await readFile(identity, 'utf8'), identity);
  const secret = await readSecret(
    passphraseFd === undefined ? { prompt: 'Passphrase of the set' } : { fd: parseFd(passphraseFd) },
  );
  return identitiesOf(set, secret);
}
