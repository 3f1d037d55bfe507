import { resolveChains } from '../archive/incremental/chain.ts';
import { nameOfSet } from '../archive/name-of-set.ts';
import type { SetAccess } from '../archive/open-archive.ts';
import { type RecoverySet, readSetInfo } from '../archive/open-set.ts';
import type { Base } from '../archive/set-schema.ts';
import type { VolumeStore } from '../archive/store/store.ts';
import type { Guard } from './guard.ts';
import { OpenedSet, type Secret } from './opened-set.ts';
import type { EngineState } from './protocol.ts';
import type { VolumeFinder } from './volume-finder.ts';

/** The set of the medium and, where it holds changes only, the sets that it builds on. */
export class OpenedChain {
  readonly wanted: OpenedSet;
  readonly #finder: VolumeFinder;
  readonly #guard: Guard;
  /** The nearest first. */
  readonly #bases: OpenedSet[] = [];
  /** What opened a set is tried on those that come later; in this process's memory only. */
  readonly #secrets: Secret[] = [];

  private constructor(wanted: OpenedSet, finder: VolumeFinder, guard: Guard) {
    this.wanted = wanted;
    this.#finder = finder;
    this.#guard = guard;
  }

  /** @throws as OpenedSet.open, Guard.assertTrusted */
  static async open(first: VolumeStore, finder: VolumeFinder, guard: Guard): Promise<OpenedChain> {
    const opened = await OpenedSet.open(first, finder);
    guard.assertTrusted(opened);
    return new OpenedChain(opened, finder, guard);
  }

  get set(): RecoverySet {
    return this.wanted.set;
  }

  /** The set of the medium first. */
  get sets(): readonly OpenedSet[] {
    return [this.wanted, ...this.#bases];
  }

  /** The next set that is needed and not here. */
  get missingBase(): Base | null {
    const { broken } = resolveChains<RecoverySet>(
      this.set,
      this.#bases.map(({ set }) => set),
    );
    if (broken?.reason !== 'missing') return null;
    return this.sets.map(({ set }) => set.manifest?.base).find((base) => base?.set === broken.set) ?? null;
  }

  get locked(): boolean {
    return this.sets.some(({ locked }) => locked);
  }

  /** Where volumes lie now: their disks are no targets. */
  get directories(): string[] {
    return this.sets.flatMap(({ set }) => [...set.volumes.values()].flatMap(({ directory }) => directory ?? []));
  }

  /** What of it a disc must be changed for, in words. */
  missing(isChecked: (set: string, volume: number) => boolean = () => false): string[] {
    return this.sets.flatMap((opened) =>
      opened.missing
        .filter((volume) => !isChecked(opened.set.info.set, volume))
        .map((volume) => `volume ${volume}${opened === this.wanted ? '' : ` of ${opened.name}`}`),
    );
  }

  /**
   * Opens the sets that this one builds on, as far as they are at hand.
   * @param wait ask for what is not, until it is there @throws RekindleError RK314 when it was given up; as openSet
   */
  async findBases(wait: boolean): Promise<void> {
    for (let base = this.missingBase; base !== null; base = this.missingBase) {
      const { hostname } = this.set.info.machine;
      const sought = { set: base.set, name: nameOfSet(hostname, base.createdAt, base.level), of: null };
      const volumes = this.#finder.volumesOf(base.set);
      if (volumes.size === 0) await this.#finder.look();
      if (!wait && !(await isLastHere(volumes))) return;
      await this.#openBase(await this.#finder.find(sought, null), sought.name);
    }
  }

  async #openBase(first: VolumeStore, name: string): Promise<void> {
    const opened = await OpenedSet.open(first, this.#finder, name);
    if (this.sets.some(({ set }) => set.info.set === opened.set.info.set))
      throw new Error(`set ${opened.set.info.set} builds on itself`);
    this.#guard.assertTrusted(opened);
    this.#bases.push(opened);
    for (const secret of this.#secrets) if (opened.locked) await opened.unlock(secret).catch(() => undefined);
  }

  /** Opens all that it opens. @throws AgeError, RekindleError RK32x when that is nothing */
  async unlock(secret: Secret): Promise<void> {
    let failure: unknown = null;
    let opened = 0;
    for (const each of this.sets.filter(({ locked }) => locked))
      await each.unlock(secret).then(
        () => {
          opened += 1;
        },
        (error: unknown) => {
          failure ??= error;
        },
      );
    if (opened === 0 && failure !== null) throw failure;
    this.#secrets.push(secret);
  }

  /** For the whole restore: waits for the volumes that are not here. */
  accessOf(uuid: string): SetAccess {
    const opened = this.sets.find(({ set }) => set.info.set === uuid);
    if (!opened) throw new Error(`set ${uuid} was not opened`);
    return opened.access;
  }

  /** All sets that a restore takes, the oldest first; of those that are missing the next one. */
  describe(): EngineState['chain'] {
    const base = this.missingBase;
    const missing =
      base === null
        ? []
        : [{ set: base.set, name: nameOfSet(this.set.info.machine.hostname, base.createdAt, base.level), here: false }];
    const here = this.sets.map(({ set, name, locked }) => ({ set: set.info.set, name, here: true, locked }));
    return [...missing.map((each) => ({ ...each, locked: false })), ...here.toReversed()];
  }
}

/** Whether a set can be opened without asking for another volume. */
async function isLastHere(volumes: ReadonlyMap<number, VolumeStore>): Promise<boolean> {
  const [first] = volumes.values();
  const info = first === undefined ? null : await readSetInfo(first).catch(() => null);
  return info !== null && volumes.has(info.volumes);
}
