import { dirname, join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import type { RecoverySet } from '../archive/open-set.ts';
import { directoryStore } from '../archive/store/directory.ts';
import type { Damage } from '../archive/verify-set.ts';
import type { Plan, Sizes, TargetDisk } from '../plan/step.ts';
import { assertConsent, assertLossConsent } from './consent.ts';
import { describeDisks, describeEnd, describeNotes, describeSet } from './describe-saved.ts';
import { executePlan } from './execute-plan.ts';
import { mediumFirst, told } from './failure.ts';
import { initialState } from './initial-state.ts';
import { interruption, Journal } from './journal.ts';
import { log, newestLines } from './log.ts';
import { LossCount } from './loss-count.ts';
import { findMediumDevices } from './medium.ts';
import { OpenedChain } from './opened-chain.ts';
import type { Secret } from './opened-set.ts';
import { PlanSecrets } from './plan-secrets.ts';
import { listDisksFor, planOnto } from './planning.ts';
import { ProgressTracker } from './progress.ts';
import type { DisksAnswer, EngineState } from './protocol.ts';
import { mountUnproven } from './prove-restored.ts';
import { Verifier } from './verifier.ts';
import { VolumeFinder } from './volume-finder.ts';

export interface EngineOptions {
  /** Where the medium is mounted. */
  medium: string;
  journalFile: string;
  logFile: string;
  /** Called after each change of the state. */
  onChange: () => void;
}

/** Does the work, with or without a menu looking on. Its state is all that a screen shows. */
export class Engine {
  readonly state: EngineState = initialState();
  readonly #options: EngineOptions;
  readonly #journal: Journal;
  readonly #finder: VolumeFinder;
  readonly #verifier: Verifier;
  readonly #losses: LossCount;
  readonly secrets: PlanSecrets;
  #opened: OpenedChain | null = null;
  #searching: Promise<void> | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#journal = new Journal(options.journalFile);
    this.#finder = new VolumeFinder({
      medium: options.medium,
      cache: join(dirname(options.journalFile), 'indexes'),
      isRestoring: () => this.state.phase === 'restoring',
      onWanted: (wanted) => {
        this.state.wanted = wanted;
        this.changed();
      },
    });
    const changed = (): void => this.changed();
    this.secrets = new PlanSecrets(this.state, changed);
    this.#verifier = new Verifier(this.state.verification, changed);
    this.#losses = new LossCount(this.state, join(dirname(options.journalFile), 'lost-files.txt'), changed);
  }

  /** Changes that are not the engine's own: the countdown. */
  changed(): void {
    this.state.log = newestLines();
    if (this.#opened) Object.assign(this.state, { locked: this.#opened.locked, chain: this.#opened.describe() });
    this.#options.onChange();
  }

  get set(): RecoverySet | null {
    return this.#opened?.set ?? null;
  }

  /** Opens the set; a broken one becomes the state's `problem`, for the menu must still come up. */
  async open(findDirectory: () => Promise<string>): Promise<void> {
    try {
      this.#opened = await OpenedChain.open(directoryStore(await findDirectory()), this.#finder);
      const { set } = this.#opened;
      this.state.set = describeSet(set);
      log(`set ${set.info.set} of ${set.info.machine.hostname}, made ${set.info.createdAt}`);
      await this.#opened.findBases(false);
    } catch (error) {
      this.state.problem = told(error);
    }
    this.state.unverified = this.#opened?.missing() ?? [];
    this.state.phase = 'idle';
    const interrupted = interruption(this.#journal.path);
    if (interrupted !== null) Object.assign(this.state, { phase: 'failed', failure: told(interrupted) });
    this.changed();
  }

  /** @throws AgeError, RekindleError RK32x when it does not open the set */
  async unlock(secret: Secret): Promise<void> {
    await this.#requireSet().unlock(secret);
    this.state.salvage = null;
    this.verify().catch(told);
    this.changed();
  }

  /** Counts what giving the wanted volume up would cost; the state tells. */
  async countLoss(): Promise<void> {
    const { wanted } = this.state;
    if (wanted?.restoring) await this.#losses.afterGivingUp(this.#requireSet(), wanted.volume);
  }

  /** @param confirm goes on without what lies on it; else a running restore stops @throws RekindleError RK455 */
  skipVolume(confirm = ''): void {
    if (confirm !== '') {
      assertLossConsent(this.state, confirm, (volume) => this.#losses.isOf(volume));
      this.#losses.agree();
    }
    this.#finder.giveUp();
  }

  /**
   * Asks for the sets that the medium's one builds on until they are here; a second call joins the first.
   * @throws RekindleError RK314 when one was given up, RK360 to RK369 when one cannot be used; as openSet
   */
  findSets(): Promise<void> {
    this.#searching ??= this.#findSets(this.#requireSet()).finally(() => {
      this.#searching = null;
    });
    return this.#searching;
  }

  async #findSets(opened: OpenedChain): Promise<void> {
    if (opened.missingBase === null) return;
    this.state.problem = null;
    this.#finder.askAgain();
    try {
      await opened.findBases(true);
      this.verify().catch(told);
    } catch (error) {
      this.state.problem = told(error);
      throw error;
    } finally {
      this.state.unverified = this.#unverified(opened);
      this.changed();
    }
  }

  #requireSet(): OpenedChain {
    if (this.#opened) return this.#opened;
    throw new RekindleError('RK458', this.state.problem?.cause ?? 'the medium is still being read');
  }

  listDisks(): Promise<TargetDisk[]> {
    return listDisksFor(this.#opened, this.#options.medium);
  }

  async disks(): Promise<DisksAnswer> {
    return describeDisks(this.set?.layout ?? null, await this.listDisks());
  }

  /** Plans onto the named disks. Nothing is written. */
  async plan(targets: readonly { source: string; disk: string }[], sizes: Sizes = {}): Promise<Plan> {
    const plan = await planOnto(this.#requireSet(), await this.listDisks(), targets, sizes);
    if (this.state.phase !== 'restoring') this.state.plan = plan;
    this.changed();
    return plan;
  }

  /** Reads all sets once and compares digests; gives one line for each damaged file. */
  async verify(): Promise<string[]> {
    await this.#verify(this.#requireSet());
    return this.state.verification.damage;
  }

  /** Once more, and the whole of it: the medium may have been cleaned. */
  async verifyAgain(): Promise<void> {
    if (this.state.phase === 'restoring') return;
    this.#verifier.forget();
    this.state.salvage = null;
    await this.verify();
  }

  #unverified(opened: OpenedChain): string[] {
    return opened.missing((set, volume) => this.#verifier.isChecked(set, volume));
  }

  async #verify(opened: OpenedChain): Promise<Damage[]> {
    const checked = await this.#verifier.verify(opened.sets);
    const damage = checked.flatMap((each) => each.damage);
    const isNew = damage.length > 0 ? this.state.salvage === null : this.state.phase !== 'restoring';
    if (isNew) await this.#losses.afterDamage(opened, damage);
    return damage;
  }

  /**
   * Starts the restore that was planned. Resolves when it has begun.
   * @throws as assertConsent
   */
  start(digest: string, confirm: string): void {
    const opened = this.#requireSet();
    this.state.unverified = this.#unverified(opened);
    const plan = assertConsent(this.state, digest, confirm);
    this.#losses.forget();
    if (this.state.salvage?.status === 'possible') this.#losses.agree();
    this.state.phase = 'restoring';
    this.state.failure = null;
    this.state.warnings = [...plan.warnings];
    this.state.proof = [];
    void this.#restore(opened, plan);
  }

  async #restore(opened: OpenedChain, plan: Plan): Promise<void> {
    const tracker = new ProgressTracker(plan, () => this.changed());
    const devices = await findMediumDevices([this.#options.medium]).catch((): string[] => []);
    this.state.progress = tracker.progress;
    this.changed();
    try {
      // Nothing on a disk is touched before the whole set was read and found good.
      if (opened.locked) throw new RekindleError('RK315', `set ${opened.set.info.set}`);
      const damage = await this.#verify(opened);
      if (damage.length === 0) this.#losses.forget();
      else if (!this.#losses.covers(opened, damage)) {
        await this.#losses.afterDamage(opened, damage);
        throw new RekindleError(this.state.lost ? 'RK466' : 'RK301', this.state.verification.damage.join('; '));
      }
      await executePlan({
        plan,
        set: opened.set,
        accessOf: (set) => opened.accessOf(set),
        journal: this.#journal,
        logFile: this.#options.logFile,
        ...{ losses: this.#losses, secrets: this.secrets.given },
        tracker,
        onChange: () => this.changed(),
        onProof: (proof) => Object.assign(this.state, { proof }),
      });
      await mountUnproven(plan, this.state.proof);
      this.state.warnings.push(...describeNotes(opened.set));
      this.state.phase = 'restored';
      log(describeEnd(this.state));
    } catch (error) {
      this.state.failure = told(this.state.wanted === null ? await mediumFirst(error, devices) : error);
      this.state.phase = 'failed';
      // A medium that was bad once may have been cleaned or replaced: read it again next time.
      this.#verifier.forget();
      const { code } = this.state.failure;
      if (code !== 'RK301' && code !== 'RK466') this.state.salvage = null;
      // What was damaged while it streamed, so that the rest can be offered.
      if (['RK306', 'RK307', 'RK308'].includes(code)) this.verify().catch(told);
    }
    tracker.stop();
    this.changed();
  }
}
