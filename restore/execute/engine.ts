import { dirname, join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import type { RecoverySet } from '../archive/open-set.ts';
import { readTrustedKeys } from '../archive/signature/trusted-keys.ts';
import { directoryStore } from '../archive/store/directory.ts';
import type { DevicesAnswer } from '../plan/part/device-here.ts';
import type { PartOrder } from '../plan/part/order.ts';
import type { Plan, Sizes, TargetDisk } from '../plan/step.ts';
import { assertConsent } from './consent.ts';
import { describeDisks, describeSet } from './describe-saved.ts';
import type { EngineOptions } from './engine-options.ts';
import { told } from './failure.ts';
import { finderFor } from './finder-for.ts';
import { Guard } from './guard.ts';
import { initialState } from './initial-state.ts';
import { log, newestLines } from './log.ts';
import { LossCount } from './loss-count.ts';
import { OpenedChain } from './opened-chain.ts';
import type { Secret } from './opened-set.ts';
import { PlanSecrets } from './plan-secrets.ts';
import { listDevicesFor, listDisksFor, type Target } from './planning.ts';
import type { DisksAnswer, EngineState } from './protocol.ts';
import { RestoreRun } from './restore-run.ts';
import { type Checked, Verifier } from './verifier.ts';
import type { VolumeFinder } from './volume-finder.ts';

/** Does the work, with or without a menu looking on. Its state is all that a screen shows. */
export class Engine {
  readonly state: EngineState = initialState();
  readonly #options: EngineOptions;
  readonly #finder: VolumeFinder;
  readonly #verifier: Verifier;
  readonly #losses: LossCount;
  readonly secrets: PlanSecrets;
  readonly #guard = new Guard();
  readonly #run: RestoreRun;
  #failure: unknown = new RekindleError('RK458', 'the medium is still being read');
  #openAgain = async (): Promise<void> => undefined;
  #opened: OpenedChain | null = null;
  #searching: Promise<void> | null = null;
  /** Once more, as the disks were looked at first. */
  #look = async (): Promise<void> => undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const changed = (): void => this.changed();
    this.#finder = finderFor(options, this.state, changed);
    this.secrets = new PlanSecrets(this.state, changed);
    this.#verifier = new Verifier(this.state.verification, changed);
    this.#losses = new LossCount(this.state, join(dirname(options.journalFile), 'lost-files.txt'), changed);
    this.#run = new RestoreRun({
      ...options,
      state: this.state,
      losses: this.#losses,
      secrets: this.secrets.given,
      forgetSecrets: () => this.secrets.forget(),
      changed,
      verify: (opened) => this.#verify(opened),
      forgetVerification: () => this.#verifier.forget(),
    });
  }

  /** Changes that are not the engine's own: the countdown. */
  changed(): void {
    this.#run.tellWritten();
    this.state.log = newestLines();
    this.state.untrusted = this.#guard.untrusted;
    if (this.#opened) Object.assign(this.state, { locked: this.#opened.locked, chain: this.#opened.describe() });
    this.#options.onChange();
  }

  get set(): RecoverySet | null {
    return this.#opened?.set ?? null;
  }

  /**
   * Opens the set; a broken one becomes the state's `problem`, for the menu must still come up.
   * @param beforeReady with the set open, before anybody can choose something
   */
  async open(findDirectory: () => Promise<string>, beforeReady = async (): Promise<void> => undefined): Promise<void> {
    this.state.phase = 'starting';
    this.#openAgain = () => this.open(findDirectory, beforeReady);
    try {
      this.#guard.watch(await readTrustedKeys(this.#options.trustedKeys ?? []));
      this.#opened = await OpenedChain.open(directoryStore(await findDirectory()), this.#finder, this.#guard);
      const { set, wanted } = this.#opened;
      this.state.set = describeSet(set, this.#guard.describe(wanted));
      log(`set ${set.info.set} of ${set.info.machine.hostname}, made ${set.info.createdAt}`);
      await this.#opened.findBases(false);
    } catch (error) {
      this.#failure = error;
      this.state.problem = told(error);
    }
    this.state.unverified = this.#opened?.missing() ?? [];
    await beforeReady();
    if (this.state.phase === 'starting') {
      this.state.phase = 'idle';
      this.#run.lookBack(this.set?.info.set ?? '');
    }
    this.changed();
  }

  /**
   * Looks for a restore of this set that a power cut ended, once all disks are there; the state tells.
   * @param devices to look at; without it the disks of this machine that the backup is not read from
   */
  async lookOnDisks(devices?: readonly string[]): Promise<void> {
    this.#look = async () => (this.#opened === null ? undefined : this.#run.lookOnDisks(this.#opened, devices));
    await this.#look();
  }

  /** @throws AgeError, RekindleError RK32x when it does not open the set */
  async unlock(secret: Secret): Promise<void> {
    await this.#requireSet().unlock(secret);
    await this.#run.judge(this.#requireSet());
    this.state.salvage = null;
    this.verify().catch(told);
    this.changed();
  }

  /** Counts what giving the wanted volume up would cost; the state tells. */
  async countLoss(): Promise<void> {
    await this.#losses.afterGivingUp(this.#requireSet());
  }

  /** @param confirm goes on without what lies on it; else a running restore stops @throws RekindleError RK455 */
  skipVolume(confirm = ''): void {
    if (confirm !== '') this.#losses.agreeToGiveUp(confirm);
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
      // Before, nothing could be planned again.
      await this.#look();
      this.verify().catch(told);
    } catch (error) {
      this.state.problem = told(error);
      throw error;
    } finally {
      this.state.unverified = this.#unverified(opened);
      this.changed();
    }
  }

  /** Lets the set in that was refused for its signature, and goes on. @throws RekindleError RK363 */
  async letUnsignedIn(set: string, typed: string): Promise<void> {
    this.#guard.accept(set, typed);
    this.state.problem = null;
    if (this.#opened) await this.#opened.findBases(false);
    else await this.#openAgain();
    this.state.unverified = this.#opened ? this.#unverified(this.#opened) : [];
    this.changed();
    if (this.#opened) this.verify().catch(told);
  }

  #requireSet(): OpenedChain {
    if (this.#opened) return this.#opened;
    throw this.#failure;
  }

  listDisks(): Promise<TargetDisk[]> {
    return listDisksFor(this.#opened, this.#options.medium);
  }

  async disks(): Promise<DisksAnswer> {
    return describeDisks(this.set?.layout ?? null, await this.listDisks());
  }

  devices(): Promise<DevicesAnswer> {
    return listDevicesFor(this.#requireSet(), this.#options.medium);
  }

  /** Plans onto the named disks. Nothing is written. */
  async plan(targets: readonly Target[], sizes: Sizes = {}, part?: PartOrder): Promise<Plan> {
    return this.#run.plan(this.#requireSet(), { targets, sizes, part });
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

  async #verify(opened: OpenedChain): Promise<Checked[]> {
    const checked = await this.#verifier.verify(opened.sets);
    const isDamaged = checked.some(({ damage }) => damage.length > 0);
    const isNew = isDamaged ? this.state.salvage === null : this.state.phase !== 'restoring';
    if (isNew) await this.#losses.afterDamage(opened, checked);
    return checked;
  }

  /**
   * Starts the restore that was planned. Resolves when it has begun.
   * @throws as assertConsent
   */
  start(digest: string, confirm: string): void {
    const opened = this.#requireSet();
    this.state.unverified = this.#unverified(opened);
    this.#run.begin(opened, assertConsent(this.state, digest, confirm));
  }

  /**
   * Goes on with the restore that stopped. What was agreed to then holds. Sets that it takes and that are not here, as after a
   * new start of the machine, are asked for first.
   * @param confirm the name of the disk, where it is unproven @throws RekindleError RK315, RK426, RK455, RK457, RK467
   */
  continueRestore(confirm = ''): void {
    const opened = this.#requireSet();
    if (opened.missingBase === null) this.#run.goOn(opened, confirm);
    else
      this.findSets()
        .then(() => this.#run.goOn(opened, confirm))
        .catch(told);
  }

  /** Leaves out the step that stopped, with consent, and goes on. @throws RekindleError RK457, RK469, RK470 */
  skipStep(step: string, confirm: string): void {
    this.#run.skip(step, confirm);
    this.continueRestore();
  }
}
