import { type AgeIdentity, parseIdentities } from '../archive/age/identities.ts';
import { openAtHand, type SetAccess } from '../archive/open-archive.ts';
import { openSet, type RecoverySet, readSetInfo } from '../archive/open-set.ts';
import { directoryStore } from '../archive/store/directory.ts';
import { assertOpens, identitiesOf } from '../archive/unlock.ts';
import { log } from './log.ts';
import { VolumeFinder, type WantedVolume } from './volume-finder.ts';

export interface OpenedSetOptions {
  /** Where the medium that this machine was booted from is mounted. */
  medium: string;
  onWanted: (wanted: WantedVolume | null) => void;
}

/** A secret as the user gives it: never logged, never journalled. */
export type Secret = { kind: 'passphrase' | 'key'; text: string };

/** The set of this medium with what it takes to read it: its other volumes, its key. */
export class OpenedSet {
  readonly set: RecoverySet;
  readonly #finder: VolumeFinder;
  #identities: AgeIdentity[] = [];

  private constructor(set: RecoverySet, finder: VolumeFinder) {
    this.set = set;
    this.#finder = finder;
  }

  /** Opens the set in that directory; asks for its last volume first where there are several. @throws as openSet */
  static async open(directory: string, options: OpenedSetOptions): Promise<OpenedSet> {
    const store = directoryStore(directory);
    const info = await readSetInfo(store);
    let set: RecoverySet = { info, manifest: null, layout: null, volumes: new Map([[info.volume, store]]) };
    if (info.volume !== info.volumes) set = await withLastVolume(set, options);
    else set = await openSet([store]);
    return new OpenedSet(set, new VolumeFinder(set, options.medium, options.onWanted));
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
    this.#identities = identities;
    log('the set was unlocked');
  }

  /** For the whole restore: waits for the volumes that are not here. */
  get access(): SetAccess {
    return {
      set: this.set,
      identities: this.#identities,
      openPart: async (part) => {
        await this.#finder.find(part.volume);
        return openAtHand(this.set, part);
      },
    };
  }

  /** Without waiting: what is at hand now. */
  get accessAtHand(): SetAccess {
    return { ...this.access, openPart: (part) => openAtHand(this.set, part) };
  }

  skipVolume(volume: number): void {
    this.#finder.skip(volume);
  }
}

async function withLastVolume(first: RecoverySet, options: OpenedSetOptions): Promise<RecoverySet> {
  const finder = new VolumeFinder(first, options.medium, options.onWanted);
  const last = await finder.find(first.info.volumes);
  const here = first.volumes.get(first.info.volume);
  return openSet([...(here ? [here] : []), last]);
}
