import { createHash } from 'node:crypto';
import { RekindleError } from '../../common/errors/error.ts';
import { assertSigned, judgeSet } from '../archive/signature/judge-set.ts';
import { fingerprint, type PublicKey } from '../archive/signature/public-key.ts';
import { log } from './log.ts';
import type { OpenedSet } from './opened-set.ts';
import type { EngineState } from './protocol.ts';
import { unsignedWords } from './protocol.ts';

/** Lets no set in, the medium's own included, that is not signed by a key that came with the initrd, or was agreed to. */
export class Guard {
  #keys: readonly PublicKey[] = [];
  /** Digests of manifests: what was agreed to is this content, not whatever has the same UUID. */
  readonly #accepted = new Set<string>();
  #refused = '';
  /** What was refused last. */
  untrusted: EngineState['untrusted'] = null;

  /** Without keys everything is let in: there is nothing to compare with. */
  watch(keys: readonly PublicKey[]): void {
    this.#keys = keys;
  }

  /** @throws RekindleError RK360 to RK362 */
  assertTrusted({ set, name }: OpenedSet): void {
    // A rescue-only medium has nothing to sign, and nothing to restore.
    if (set.sealed === null || this.#keys.length === 0) return;
    const digest = createHash('sha256').update(set.sealed.manifest).digest('hex');
    if (this.#accepted.has(digest)) return;
    this.untrusted = { set: set.info.set, name, keys: this.#keys.map(describeKey) };
    this.#refused = digest;
    assertSigned(judgeSet(set, this.#keys), name, this.#keys);
    this.untrusted = null;
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
    this.#accepted.add(this.#refused);
    this.untrusted = null;
  }
}

function describeKey(key: PublicKey): string {
  return `key ${key.keyId}, fingerprint ${fingerprint(key)}`;
}
