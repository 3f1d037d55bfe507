import { RekindleError } from '../../common/errors/error.ts';
import { assertSigned, judgeSet } from '../archive/signature/judge-set.ts';
import { fingerprint, type PublicKey } from '../archive/signature/public-key.ts';
import { log } from './log.ts';
import { folderOf } from './media.ts';
import type { OpenedSet } from './opened-set.ts';
import type { EngineState } from './protocol.ts';
import { unsignedWords } from './protocol.ts';

/** Lets no set in that comes from elsewhere than the medium and is not signed by a key that the medium carries. */
export class Guard {
  #keys: readonly PublicKey[] = [];
  /** The folder of sets on the medium that the machine was booted from. */
  #home: string | null = null;
  readonly #accepted = new Set<string>();
  /** What was refused last. */
  untrusted: EngineState['untrusted'] = null;

  /** Without keys everything is let in: there is nothing to compare with. */
  watch(keys: readonly PublicKey[], home: string): void {
    this.#keys = keys;
    this.#home = home;
  }

  /** @throws RekindleError RK360 to RK362 */
  assertTrusted(opened: OpenedSet): void {
    const { set, name } = opened;
    if (set.manifest === null || this.#keys.length === 0 || this.#accepted.has(set.info.set)) return;
    const trust = judgeSet(set, this.#keys);
    // The medium itself is compared by people; but a signature that is not good is good nowhere.
    if (trust.kind !== 'changed' && !this.#isFromElsewhere(opened)) return;
    this.untrusted = { set: set.info.set, name, keys: this.#keys.map(describeKey) };
    assertSigned(trust, name, this.#keys);
    this.untrusted = null;
  }

  /** By where its manifest lies, whose digests vouch for all other files. */
  #isFromElsewhere({ set }: OpenedSet): boolean {
    const last = set.volumes.get(set.info.volumes);
    return last === undefined || folderOf(last) !== this.#home;
  }

  /** What the signature of a set says, for people; shown for comparison. */
  describe({ set }: OpenedSet): NonNullable<EngineState['set']>['signature'] {
    const trust = judgeSet(set, this.#keys);
    if (trust.kind === 'signed')
      return { kind: 'signed', key: trust.key, keyId: trust.keyId, fingerprint: trust.fingerprint };
    const keyId = trust.kind === 'otherKey' ? trust.keyId : '';
    return { kind: trust.kind, key: '', keyId, fingerprint: '' };
  }

  /** @throws RekindleError RK363 unless the words were typed for the set that was refused */
  accept(set: string, typed: string): void {
    if (this.untrusted?.set !== set) throw new RekindleError('RK363', 'no set waits for it');
    if (typed !== unsignedWords) throw new RekindleError('RK363', `typed "${typed}", the words are "${unsignedWords}"`);
    log(`used although its signature is not good: ${this.untrusted.name}`);
    this.#accepted.add(set);
    this.untrusted = null;
  }
}

function describeKey(key: PublicKey): string {
  return `key ${key.keyId}, fingerprint ${fingerprint(key)}`;
}
