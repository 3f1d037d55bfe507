import { closeSync, openSync, writeSync } from 'node:fs';
import { RekindleError } from '../../common/errors/error.ts';
import { archiveTitle } from '../archive/archive-title.ts';
import { type ChainLosses, chainLosses, isDispensable } from '../archive/incremental/chain-losses.ts';
import { describeLoss, losesVolumes } from '../archive/losses.ts';
import type { TarRange } from '../archive/salvage.ts';
import { archivesOf, type ChainSalvage, inChain, salvageOfChain } from './chain-salvage.ts';
import { told } from './failure.ts';
import { log } from './log.ts';
import type { OpenedChain } from './opened-chain.ts';
import { consentFor, type EngineState, type Loss, withoutFiles } from './protocol.ts';
import type { Checked } from './verifier.ts';

/** Lines that a screen gets; the file has all. */
const shown = 200;

const whole: readonly TarRange[] = [];

/** What a restore past damage would cost: counted and listed before anybody can agree to it. */
export class LossCount {
  readonly #state: EngineState;
  readonly #listFile: string;
  readonly #changed: () => void;
  /** Of the count that the state shows. */
  #counted: ChainLosses = new Map();
  /** What the user agreed to. */
  #agreed: ChainLosses = new Map();
  /** Archives that were restored meanwhile, with their sets: what they needed is not lost any more. */
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
  async afterDamage(opened: OpenedChain, checked: readonly Checked[]): Promise<void> {
    if (checked.every(({ damage }) => damage.length === 0)) this.#state.salvage = null;
    else await this.#count(opened, 'the backup is damaged', async () => salvageOfChain(opened, checked));
  }

  /** While a volume is wanted: what giving it up would cost, on top of what was agreed to. */
  async afterGivingUp(opened: OpenedChain): Promise<void> {
    const { wanted } = this.#state;
    const of = opened.sets.find(({ set }) => set.info.set === wanted?.set);
    if (!wanted?.restoring || wanted.volume === null || !of) return;
    const volumes = new Set([...of.givenUp, wanted.volume]);
    await this.#count(opened, givingUp(wanted), async () => {
      const salvage = inChain(opened, of, await losesVolumes(of.accessAtHand, volumes));
      return salvage.possible ? { possible: true, losses: this.#withAgreed(salvage.losses) } : salvage;
    });
  }

  #withAgreed(more: ChainLosses): ChainLosses {
    const losses = new Map([...this.#agreed].map(([set, ranges]) => [set, new Map(ranges)]));
    for (const [set, ranges] of more) {
      const of = losses.get(set) ?? new Map<string, readonly TarRange[]>();
      for (const [name, lost] of ranges)
        if (!this.#extracted.has(`${set} ${name}`)) of.set(name, [...(of.get(name) ?? []), ...lost]);
      losses.set(set, of);
    }
    return losses;
  }

  async #count(opened: OpenedChain, because: string, find: () => Promise<ChainSalvage>): Promise<void> {
    const loss: Loss = { files: 0, first: [], listFile: this.#listFile };
    const show = (status: 'counting' | 'possible' | 'impossible', reason = ''): void => {
      this.#state.salvage = { because, status, reason, ...loss };
      this.#changed();
    };
    show('counting');
    try {
      const salvage = await find();
      if (!salvage.possible) return show('impossible', salvage.reason);
      const blocking = await this.#list(opened, salvage.losses, loss);
      if (blocking !== null) return show('impossible', blocking);
      this.#counted = salvage.losses;
      show('possible');
      log(`${because}: ${loss.files} files would be lost, listed in ${this.#listFile}`);
    } catch (error) {
      show('impossible', told(error).cause);
    }
  }

  /** @returns why nothing can be restored */
  async #list(opened: OpenedChain, losses: ChainLosses, loss: Loss): Promise<string | null> {
    const fd = openSync(this.#listFile, 'w', 0o600);
    try {
      for (const links of archivesOf(opened))
        for await (const lost of chainLosses(links, losses)) {
          if (!isDispensable(lost))
            return `what was deleted from ${archiveTitle(lost.archive)} cannot be told any more: restore from an older set`;
          const line = describeLoss(lost);
          writeSync(fd, `${line}\n`);
          loss.files += 1;
          if (loss.first.length < shown) loss.first.push(line);
        }
    } finally {
      closeSync(fd);
    }
    return null;
  }

  /** Going on without the wanted volume. @throws RekindleError RK455 unless what that costs was shown, and typed */
  agreeToGiveUp(typed: string): void {
    const { wanted, salvage } = this.#state;
    const isShown = wanted?.restoring && salvage?.because === givingUp(wanted);
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
  covers(opened: OpenedChain, checked: readonly Checked[]): boolean {
    const salvage = salvageOfChain(opened, checked);
    if (this.#state.lost === null || !salvage.possible) return false;
    return [...salvage.losses].every(([set, found]) =>
      [...found].every(([name, ranges]) =>
        ranges.every(({ start, end }) =>
          this.damagedRanges(set, name).some((range) => range.start <= start && end <= range.end),
        ),
      ),
    );
  }

  /** What of this archive is left out: the same array as long as nothing more is agreed to. */
  damagedRanges(set: string, archive: string): readonly TarRange[] {
    return this.#agreed.get(set)?.get(archive) ?? whole;
  }

  extracted(set: string, archive: string): void {
    this.#extracted.add(`${set} ${archive}`);
  }
}

/** 'volume 2 of 3 is given up' */
function givingUp({ what }: { what: string }): string {
  return `${what} is given up`;
}
