import { closeSync, openSync, writeSync } from 'node:fs';
import { RekindleError } from '../../common/errors/error.ts';
import { describeLoss, type LostRanges, losesVolumes, losses, type Salvage, salvageOf } from '../archive/losses.ts';
import type { TarRange } from '../archive/salvage.ts';
import type { Damage } from '../archive/verify-set.ts';
import { told } from './failure.ts';
import { log } from './log.ts';
import type { OpenedChain } from './opened-chain.ts';
import { consentFor, type EngineState, type Loss, withoutFiles } from './protocol.ts';

/** Lines that a screen gets; the file has all. */
const shown = 200;

const givingUp = (volume: number | null): string => `volume ${volume} is given up`;

/** What a restore past damage would cost: counted and listed before anybody can agree to it. */
export class LossCount {
  readonly #state: EngineState;
  readonly #listFile: string;
  readonly #changed: () => void;
  /** Of the count that the state shows. */
  #counted: LostRanges = new Map();
  /** What the user agreed to. */
  #agreed: LostRanges = new Map();
  /** Archives that were restored meanwhile: what they needed is not lost any more. */
  readonly #extracted = new Set<string>();

  constructor(state: EngineState, listFile: string, changed: () => void) {
    this.#state = state;
    this.#listFile = listFile;
    this.#changed = changed;
  }

  /** What the user agreed to leave out. */
  get lost(): Loss | null {
    return this.#state.lost;
  }

  /** For a restore that begins. */
  forget(): void {
    this.#agreed = new Map();
    this.#extracted.clear();
    this.#state.lost = null;
  }

  /** After verification. Resolves when the state tells what would be lost, or why nothing can be restored. */
  async afterDamage(opened: OpenedChain, damage: readonly Damage[]): Promise<void> {
    if (damage.length === 0) this.#state.salvage = null;
    else await this.#count(opened, 'the backup is damaged', async () => salvageOf(opened.set, damage));
  }

  /** While a volume is wanted: what giving it up would cost, on top of what was agreed to. */
  async afterGivingUp(opened: OpenedChain, volume: number): Promise<void> {
    const volumes = new Set([...opened.wanted.givenUp, volume]);
    await this.#count(opened, givingUp(volume), async () => {
      const salvage = await losesVolumes(opened.wanted.accessAtHand, volumes);
      return salvage.possible ? { possible: true, ranges: this.#withAgreed(salvage.ranges) } : salvage;
    });
  }

  #withAgreed(more: LostRanges): LostRanges {
    const ranges = new Map(this.#agreed);
    for (const [name, lost] of more)
      if (!this.#extracted.has(name)) ranges.set(name, [...(ranges.get(name) ?? []), ...lost]);
    return ranges;
  }

  async #count(opened: OpenedChain, because: string, find: () => Promise<Salvage>): Promise<void> {
    const loss: Loss = { files: 0, first: [], listFile: this.#listFile };
    const show = (status: 'counting' | 'possible' | 'impossible', reason = ''): void => {
      this.#state.salvage = { because, status, reason, ...loss };
      this.#changed();
    };
    show('counting');
    try {
      const salvage: Salvage =
        opened.sets.length === 1 && opened.missingBase === null
          ? await find()
          : { possible: false, reason: 'the sets of a chain need each other whole: restore from an older set' };
      if (!salvage.possible) return show('impossible', salvage.reason);
      await this.#list(opened, salvage.ranges, loss);
      this.#counted = salvage.ranges;
      show('possible');
      log(`${because}: ${loss.files} files would be lost, listed in ${this.#listFile}`);
    } catch (error) {
      show('impossible', told(error).cause);
    }
  }

  async #list(opened: OpenedChain, ranges: LostRanges, loss: Loss): Promise<void> {
    const fd = openSync(this.#listFile, 'w', 0o600);
    try {
      for await (const { archive, member } of losses(opened.wanted.accessAtHand, ranges)) {
        const line = describeLoss(archive, member);
        writeSync(fd, `${line}\n`);
        loss.files += 1;
        if (loss.first.length < shown) loss.first.push(line);
      }
    } finally {
      closeSync(fd);
    }
  }

  /** Going on without the wanted volume. @throws RekindleError RK455 unless what that costs was shown, and typed */
  agreeToGiveUp(typed: string): void {
    const { wanted, salvage } = this.#state;
    const isShown = wanted?.restoring && salvage?.because === givingUp(wanted.volume);
    if (!isShown || salvage.status !== 'possible' || typed !== withoutFiles(salvage.files))
      throw new RekindleError('RK455', `typed "${typed}"`);
    this.agree();
  }

  /** The user agreed to what the state shows. */
  agree(): void {
    const { salvage } = this.#state;
    if (salvage?.status !== 'possible') throw new Error('nothing was shown that one could agree to');
    this.#agreed = this.#counted;
    this.#state.lost = { files: salvage.files, first: salvage.first, listFile: salvage.listFile };
    log(`agreed to: ${consentFor('', { unverified: [], salvage }).trim()}`);
  }

  /** Whether all this damage was agreed to. */
  covers(opened: OpenedChain, damage: readonly Damage[]): boolean {
    const salvage = salvageOf(opened.set, damage);
    if (this.#state.lost === null || !salvage.possible) return false;
    return [...salvage.ranges].every(([name, ranges]) =>
      ranges.every(({ start, end }) =>
        this.damagedRanges(name).some((range) => range.start <= start && end <= range.end),
      ),
    );
  }

  /** What of this archive is left out. */
  damagedRanges(archive: string): readonly TarRange[] {
    return this.#agreed.get(archive) ?? [];
  }

  extracted(archive: string): void {
    this.#extracted.add(archive);
  }
}
