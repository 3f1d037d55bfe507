import { RekindleError } from '../../common/errors/error.ts';
import { type AgeIdentity, parseIdentities } from '../archive/age/identities.ts';
import { nameOf } from '../archive/name-of-set.ts';
import { openAtHand, type SetAccess } from '../archive/open-archive.ts';
import { openSet, type RecoverySet, readSetInfo } from '../archive/open-set.ts';
import type { VolumeStore } from '../archive/store/store.ts';
import { assertOpens, deriveKey, identitiesOf } from '../archive/unlock.ts';
import { IndexCache } from './index-cache.ts';
import { log } from './log.ts';
import type { SoughtSet, VolumeFinder } from './volume-finder.ts';

/** A secret as the user gives it: never logged, never journalled. */
export type Secret = { kind: 'passphrase' | 'key'; text: string };

/** What keys are derived for. */
export const journalPurpose = 'journal on a target';

/** One set with what it takes to read it: its volumes, wherever they are, and its key. */
export class OpenedSet {
  readonly set: RecoverySet;
  readonly #sought: SoughtSet;
  readonly #finder: VolumeFinder;
  readonly #indexes = new IndexCache();
  #identities: AgeIdentity[] = [];
  #journalKey: Buffer | null = null;

  private constructor(set: RecoverySet, sought: SoughtSet, finder: VolumeFinder) {
    this.set = set;
    this.#sought = sought;
    this.#finder = finder;
  }

  /**
   * Opens the set that this volume is of; asks for its last volume first where there are several.
   * @param name how to ask for its other volumes; empty for the set of this medium @throws as openSet, RK314
   */
  static async open(first: VolumeStore, finder: VolumeFinder, name = ''): Promise<OpenedSet> {
    const info = await readSetInfo(first);
    finder.add(info.set, info.volume, first);
    const sought = { set: info.set, name, of: info.volumes };
    const last = info.volume === info.volumes ? first : await finder.find(sought, info.volumes);
    const set = await openSet(
      last === first ? [first] : [first, last].filter((store) => isHere(store, finder, info.set)),
    );
    for (const [number, store] of set.volumes) finder.add(info.set, number, store);
    const opened = new OpenedSet({ ...set, volumes: finder.volumesOf(info.set) }, sought, finder);
    if (info.volumes > 1) await opened.#indexes.fill(opened.set, finder.cacheOf(info.set));
    return opened;
  }

  /** 'the full set of web01 made 2026-11-20' */
  get name(): string {
    return nameOf({ ...this.set.info, level: this.set.manifest?.level });
  }

  get locked(): boolean {
    return this.set.manifest?.encryption !== undefined && this.#identities.length === 0;
  }

  /** Volumes that a disc must be changed for. */
  get missing(): number[] {
    const numbers = Array.from({ length: this.set.info.volumes }, (_, index) => index + 1);
    return numbers.filter((number) => !this.set.volumes.has(number));
  }

  /** Tries the secret before it is taken. @throws AgeError, RekindleError RK32x */
  async unlock(secret: Secret): Promise<void> {
    const identities =
      secret.kind === 'passphrase'
        ? await identitiesOf(this.set, secret.text)
        : await parseIdentities(secret.text, 'the key');
    await assertOpens({ ...this.access, identities });
    // Now, for the volume may be taken out of its drive later.
    this.#journalKey = await deriveKey({ ...this.access, identities }, journalPurpose);
    this.#identities = identities;
    log(`unlocked: ${this.name}`);
  }

  /** Of an encrypted set that was unlocked: what seals a journal. */
  get journalKey(): Buffer | null {
    return this.#journalKey;
  }

  /** For the whole restore: waits for the volumes that are not here. */
  get access(): SetAccess {
    const { set } = this;
    return {
      set,
      identities: this.#identities,
      openPart: async (part) => {
        const cached = await this.#indexes.open(part.path);
        if (cached) return cached;
        // Without looking around: a given up volume is asked for once for each of its frames.
        if (this.givenUp.includes(part.volume) && !set.volumes.has(part.volume))
          throw new RekindleError('RK314', `volume ${part.volume} of ${set.info.volumes} was given up`);
        await this.#finder.find(this.#sought, part.volume);
        return openAtHand(set, part);
      },
    };
  }

  /** Without waiting: what is at hand now. */
  get accessAtHand(): SetAccess {
    return {
      ...this.access,
      openPart: async (part) => (await this.#indexes.open(part.path)) ?? openAtHand(this.set, part),
    };
  }

  /** Volumes that the user gave up. */
  get givenUp(): number[] {
    return this.#finder.givenUpOf(this.set.info.set);
  }
}

/** Its disc may have made room for the last volume's. */
function isHere(store: VolumeStore, finder: VolumeFinder, set: string): boolean {
  return [...finder.volumesOf(set).values()].includes(store);
}
