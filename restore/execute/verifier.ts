import { type Damage, describeDamageOf, verifySet } from '../archive/verify-set.ts';
import { log } from './log.ts';
import type { OpenedSet } from './opened-set.ts';
import type { EngineState } from './protocol.ts';

/** What one set was found to be. */
export interface Checked {
  opened: OpenedSet;
  damage: Damage[];
}

interface Result {
  volumes: Set<number>;
  /** With its key: what is in the archives was looked at too. */
  unlocked: boolean;
  damage: Damage[];
}

/** Reads sets once and keeps what was found: a volume that was checked may be taken out of its drive. */
export class Verifier {
  readonly #state: EngineState['verification'];
  readonly #changed: () => void;
  readonly #results = new Map<string, Result>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(state: EngineState['verification'], changed: () => void) {
    this.#state = state;
    this.#changed = changed;
  }

  isChecked(set: string, volume: number): boolean {
    return this.#results.get(set)?.volumes.has(volume) === true;
  }

  /** What was found is found again: a medium that was bad once may have been cleaned or replaced. */
  forget(): void {
    this.#results.clear();
  }

  /** Checks what is at hand and was not checked yet, one call after the other. */
  verify(sets: readonly OpenedSet[]): Promise<Checked[]> {
    const next = this.#last.then(() => this.#verify(sets)).catch((error: unknown) => this.#giveUp(error));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #verify(sets: readonly OpenedSet[]): Promise<Checked[]> {
    const pending = sets.filter((opened) => !this.#isDone(opened));
    const state = this.#state;
    if (pending.length > 0) state.status = 'running';
    const totals = new Map<OpenedSet, { done: number; total: number }>();
    for (const opened of pending) totals.set(opened, { done: 0, total: bytesAtHand(opened) });
    for (const opened of pending) {
      const volumes = new Set(opened.set.volumes.keys());
      const unlocked = !opened.locked;
      const damage = await verifySet(opened.accessAtHand, {
        onProgress: (done, total) => {
          totals.set(opened, { done, total });
          const all = [...totals.values()];
          state.bytesDone = all.reduce((sum, each) => sum + each.done, 0);
          state.bytesTotal = all.reduce((sum, each) => sum + each.total, 0);
          this.#changed();
        },
      });
      this.#keep(opened, { volumes, unlocked, damage });
    }
    const checked = sets.map((opened) => ({ opened, damage: this.#results.get(opened.set.info.set)?.damage ?? [] }));
    this.#tell(checked, pending.length > 0);
    return checked;
  }

  /** What is not known must not look as if it were still being found out. */
  #giveUp(error: unknown): never {
    if (this.#state.status === 'running') this.#state.status = 'idle';
    this.#changed();
    throw error;
  }

  #isDone({ set, locked }: OpenedSet): boolean {
    const result = this.#results.get(set.info.set);
    return result?.unlocked === !locked && [...set.volumes.keys()].every((volume) => result.volumes.has(volume));
  }

  /** What is known of volumes that were taken out stays known. */
  #keep({ set }: OpenedSet, result: Result): void {
    const before = this.#results.get(set.info.set);
    const gone = before?.unlocked === result.unlocked ? before : null;
    for (const volume of gone?.volumes ?? [])
      if (!result.volumes.has(volume)) {
        result.damage.push(...(gone?.damage ?? []).filter((each) => each.volume === volume));
        result.volumes.add(volume);
      }
    this.#results.set(set.info.set, result);
  }

  #tell(checked: readonly Checked[], isNew: boolean): void {
    const several = checked.length > 1;
    const damage = checked.flatMap(({ opened, damage: found }) =>
      found.map((each) => `${several ? `${opened.name}: ` : ''}${describeDamageOf(each)}`),
    );
    this.#state.damage = damage;
    this.#state.onlyCiphertext = checked.some(({ opened }) => opened.locked);
    this.#state.status = damage.length === 0 ? 'intact' : 'damaged';
    if (isNew) log(damage.length === 0 ? intact(checked) : `the set is damaged: ${damage.join('; ')}`);
    this.#changed();
  }
}

function intact(checked: readonly Checked[]): string {
  const locked = checked.filter(({ opened }) => opened.locked).map(({ opened }) => opened.name);
  if (locked.length === 0) return 'every set that is here is intact';
  return `every file that is here is as it was written; not what these unpack to, for want of a key: ${locked.join(', ')}`;
}

function bytesAtHand({ set }: OpenedSet): number {
  const files = set.manifest?.files ?? [];
  return files.reduce((sum, { volume, size }) => sum + (set.volumes.has(volume) ? size : 0), 0);
}
