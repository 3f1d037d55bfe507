import { hkdfSync } from 'node:crypto';
import { readSmallFile } from '../../common/files/read-small-file.ts';
import { mediumSealSchema } from '../../common/medium-seal.ts';
import { log } from './log.ts';
import { journalPurpose, type OpenedSet } from './opened-set.ts';

/**
 * What the journal on a target's disk is sealed with: a key that whoever was root on that machine does not have. Of an encrypted set
 * one that only its passphrase or key gives, else the medium's own.
 * @param sealFile as PID 1 handed it on
 * @returns 'locked' while nobody unlocked the set; null where there is none, and nothing can be proven
 */
export async function journalKeyOf(opened: OpenedSet, sealFile: string | undefined): Promise<Buffer | 'locked' | null> {
  if (opened.set.manifest?.encryption !== undefined) return opened.locked ? 'locked' : opened.journalKey;
  if (sealFile === undefined) return null;
  try {
    const seal = mediumSealSchema.parse(JSON.parse((await readSmallFile(sealFile, { limit: 4096 })).toString('utf8')));
    const { set } = opened.set.info;
    return Buffer.from(hkdfSync('sha256', Buffer.from(seal.journalKey, 'hex'), set, `rekindle ${journalPurpose}`, 32));
  } catch {
    // No reason: the words of a parser could hold a part of the key.
    log(`the medium has no key for journals: ${sealFile} is not there, or not what it must be`);
    return null;
  }
}
