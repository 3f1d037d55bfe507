import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { readSetInfo } from '../archive/open-set.ts';
import type { VolumeStore } from '../archive/store/store.ts';
import { log } from './log.ts';
import { folderOf, lookAround, makeRoom } from './media.ts';

const lookAgainMs = 1500;

/** What is asked for, as a screen shows it. */
export interface WantedVolume {
  /** 'volume 2 of 3', 'the full set of web01 made 2026-11-20, volume 1 of 1' */
  what: string;
  set: string;
  /** null: any volume of that set will do. */
  volume: number | null;
  /** A running restore waits for it. */
  restoring: boolean;
  /** What was found instead: 'sr0 holds volume 1 of the full set of web02 made 2026-11-20'. */
  seen: string[];
}

/** A set whose volumes are looked for. */
export interface SoughtSet {
  set: string;
  /** 'the full set of web01 made 2026-11-20'; empty for the set that the machine was booted from. */
  name: string;
  /** How many volumes it has; null while none was seen. */
  of: number | null;
}

export interface FinderOptions {
  /** Whether a restore is running. */
  isRestoring: () => boolean;
  /** A folder in memory for the lists of files of sets in several volumes. */
  cache: string;
  /** The disc that the rescue system came from may have to make room. */
  medium: string;
  onWanted: (wanted: WantedVolume | null) => void;
}

/** Knows which volumes of all sets that matter are at hand, and waits for those that are not, one drive in turn included. */
export class VolumeFinder {
  readonly #options: FinderOptions;
  readonly #sets = new Map<string, Map<number, VolumeStore>>();
  readonly #folders = new Set<string>();
  /** By set; null among its volumes: all of it. */
  readonly #givenUp = new Map<string, Set<number | null>>();
  #wanted: { set: string; volume: number | null } | null = null;

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  /** The volumes at hand of a set, by number; stays up to date. From now on its volumes are kept when they are seen. */
  volumesOf(set: string): Map<number, VolumeStore> {
    const volumes = this.#sets.get(set) ?? new Map<number, VolumeStore>();
    this.#sets.set(set, volumes);
    return volumes;
  }

  add(set: string, volume: number, store: VolumeStore): void {
    this.volumesOf(set).set(volume, store);
    const folder = folderOf(store);
    if (folder !== null) this.#folders.add(folder);
  }

  /** The user gives the wanted volume up: what lies on it is lost. */
  giveUp(): void {
    if (this.#wanted === null) return;
    const { set, volume } = this.#wanted;
    this.#givenUp.set(set, (this.#givenUp.get(set) ?? new Set<number | null>()).add(volume));
  }

  /** Where the lists of files of that set are kept. */
  cacheOf(set: string): string {
    return join(this.#options.cache, set);
  }

  /** What was given up is asked for again. */
  askAgain(): void {
    this.#givenUp.clear();
  }

  /** Volumes of a set that the user gave up. */
  givenUpOf(set: string): number[] {
    return [...(this.#givenUp.get(set) ?? [])].filter((volume) => volume !== null);
  }

  /** One look at what is there now. @returns for people, what holds which volume */
  async look(): Promise<string[]> {
    const { volumes, notes } = await lookAround(this.#folders, (set) => this.#sets.has(set));
    for (const { info, store } of volumes) {
      const known = this.#sets.get(info.set);
      if (known && !known.has(info.volume)) known.set(info.volume, store);
    }
    return notes;
  }

  /**
   * The volume's store, as soon as it is there. @param volume null: any of that set
   * @throws RekindleError RK314 when the user gave it up
   */
  async find(sought: SoughtSet, volume: number | null): Promise<VolumeStore> {
    let told = '';
    for (;;) {
      const known = await this.#atHand(sought.set, volume);
      if (known) {
        this.#want(null);
        return known;
      }
      const seen = await this.look();
      if (await this.#atHand(sought.set, volume)) continue;
      const what = describeSought(sought, volume);
      if (this.#givenUp.get(sought.set)?.has(volume)) {
        this.#want(null);
        throw new RekindleError('RK314', `${what} was given up`);
      }
      await this.#makeRoom();
      if (seen.join() !== told) log(`wanted: ${what}; ${seen.join(', ') || 'nothing else is here'}`);
      told = seen.join();
      this.#wanted = { set: sought.set, volume };
      this.#options.onWanted({ what, set: sought.set, volume, restoring: this.#options.isRestoring(), seen });
      await sleep(lookAgainMs);
    }
  }

  #want(wanted: null): void {
    this.#wanted = wanted;
    this.#options.onWanted(wanted);
  }

  /** A disc may have been changed since it was seen. */
  async #atHand(set: string, volume: number | null): Promise<VolumeStore | null> {
    const known = this.volumesOf(set);
    for (const [number, store] of known) {
      if (volume !== null && number !== volume) continue;
      const info = await readSetInfo(store).catch(() => null);
      if (info?.set === set && info.volume === number) return store;
      known.delete(number);
    }
    return null;
  }

  async #makeRoom(): Promise<void> {
    for (const at of await makeRoom(this.#options.medium))
      for (const volumes of this.#sets.values())
        for (const [number, { directory }] of volumes) if (directory?.startsWith(`${at}/`)) volumes.delete(number);
  }
}

function describeSought({ name, of }: SoughtSet, volume: number | null): string {
  if (volume === null) return name;
  return `${name === '' ? '' : `${name}, `}volume ${volume} of ${of ?? '?'}`;
}
