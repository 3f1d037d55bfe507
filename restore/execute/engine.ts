import { RekindleError } from '../../common/errors/error.ts';
import type { RecoverySet } from '../archive/open-set.ts';
import { directoryStore } from '../archive/store/directory.ts';
import { probeHere } from '../bootloader/firmware.ts';
import { listTargetDisks } from '../plan/disks.ts';
import { planRestore } from '../plan/plan.ts';
import { loadFrom } from '../plan/resize/claims.ts';
import type { Plan, Sizes, TargetDisk } from '../plan/step.ts';
import { type Proof, summarizeProof } from '../proof/proof-schema.ts';
import { describeSaved } from './describe-saved.ts';
import { executePlan } from './execute-plan.ts';
import { mediumFirst, told } from './failure.ts';
import { initialState } from './initial-state.ts';
import { interruptedStep, Journal, readJournal } from './journal.ts';
import { log, newestLines } from './log.ts';
import { findMediumDevices } from './medium.ts';
import { OpenedChain } from './opened-chain.ts';
import type { Secret } from './opened-set.ts';
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
  #opened: OpenedChain | null = null;
  #searching: Promise<void> | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#journal = new Journal(options.journalFile);
    this.#finder = new VolumeFinder({
      medium: options.medium,
      onWanted: (wanted) => {
        this.state.wanted = wanted;
        this.changed();
      },
    });
    this.#verifier = new Verifier(this.state.verification, () => this.changed());
  }

  /** Changes that are not the engine's own: the countdown. */
  changed(): void {
    this.state.log = newestLines();
    if (this.#opened) {
      this.state.locked = this.#opened.locked;
      this.state.chain = this.#opened.describe();
    }
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
      const archives = set.manifest?.archives ?? [];
      this.state.set = {
        uuid: set.info.set,
        createdAt: set.info.createdAt,
        machine: set.info.machine,
        sizeBytes: archives.reduce((sum, { size }) => sum + size, 0),
        diskCount: set.layout?.disks.length ?? 0,
        hasBackup: set.manifest !== null,
      };
      log(`set ${set.info.set} of ${set.info.machine.hostname}, made ${set.info.createdAt}`);
      await this.#opened.findBases(false);
    } catch (error) {
      this.state.problem = told(error);
    }
    this.state.unverified = this.#opened?.missing() ?? [];
    this.state.phase = 'idle';
    const interrupted = interruptedStep(readJournal(this.#journal.path));
    if (interrupted !== null) {
      this.state.phase = 'failed';
      this.state.failure = told(new RekindleError('RK463', `the last step that was begun is ${interrupted}`));
    }
    this.changed();
  }

  /** @throws AgeError, RekindleError RK32x when it does not open the set */
  async unlock(secret: Secret): Promise<void> {
    await this.#requireSet().unlock(secret);
    void this.verify();
    this.changed();
  }

  skipVolume(): void {
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
      void this.verify();
    } catch (error) {
      this.state.problem = told(error);
      throw error;
    } finally {
      this.state.unverified = opened.missing((set, volume) => this.#verifier.isChecked(set, volume));
      this.changed();
    }
  }

  #requireSet(): OpenedChain {
    if (this.#opened) return this.#opened;
    throw new RekindleError('RK458', this.state.problem?.cause ?? 'the medium is still being read');
  }

  async listDisks(): Promise<TargetDisk[]> {
    const set = this.set;
    const manifests = (this.#opened?.sets ?? []).flatMap((opened) => opened.set.manifest ?? []);
    const mediumDevices = await findMediumDevices([this.#options.medium, ...(this.#opened?.directories ?? [])]);
    return listTargetDisks({
      mediumDevices,
      ...(set?.layout ? { layout: set.layout, loadOf: loadFrom(manifests) } : {}),
      ...(set ? { set: set.info.set } : {}),
    });
  }

  async disks(): Promise<DisksAnswer> {
    const here = await this.listDisks();
    const layout = this.set?.layout;
    return { saved: layout ? layout.disks.map((disk) => describeSaved(layout, disk)) : [], here };
  }

  /** Plans onto the named disks. Nothing is written. */
  async plan(targets: readonly { source: string; disk: string }[], sizes: Sizes = {}): Promise<Plan> {
    const { set, sets } = this.#requireSet();
    if (!set.layout) throw new RekindleError('RK403', `set ${set.info.set} of ${set.info.machine.hostname}`);
    const here = await this.listDisks();
    const chosen = targets.map(({ source, disk }) => {
      const found = here.find(({ path, name }) => path === disk || name === disk);
      if (!found) throw new RekindleError('RK404', `${disk} is not in this machine`);
      return { source, disk: found };
    });
    const plan = planRestore({
      set: set.info,
      manifest: set.manifest,
      layout: set.layout,
      bases: sets.slice(1).map((base) => base.set),
      targets: chosen,
      here: await probeHere(),
      sizes,
    });
    if (this.state.phase !== 'restoring') this.state.plan = plan;
    this.changed();
    return plan;
  }

  /** Reads all sets once and compares digests; gives one line for each damaged file. */
  async verify(): Promise<string[]> {
    await this.#verifier.verify(this.#requireSet().sets);
    return this.state.verification.damage;
  }

  /**
   * Starts the restore that was planned. Resolves when it has begun.
   * @throws RekindleError RK455 to RK457 when it is not what the user saw and meant.
   */
  start(digest: string, confirm: string): void {
    const opened = this.#requireSet();
    const plan = this.state.plan;
    if (this.state.phase === 'restoring') throw new RekindleError('RK457', 'started before');
    if (!plan || plan.digest !== digest) throw new RekindleError('RK456', 'the disks or the medium changed');
    const name = plan.targets[0]?.disk.name ?? '';
    const missing = opened.missing((set, volume) => this.#verifier.isChecked(set, volume));
    this.state.unverified = missing;
    if (missing.length > 0 && confirm === name) throw new RekindleError('RK464', `${missing.join(', ')} is not here`);
    if (confirm !== (missing.length > 0 ? `${name} unverified` : name))
      throw new RekindleError('RK455', `typed "${confirm}", the disk is ${name}`);
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
      const damage = await this.verify();
      if (damage.length > 0) throw new RekindleError('RK301', damage.join('; '));
      const { logFile } = this.#options;
      const onProof = (proof: Proof[]): void => void Object.assign(this.state, { proof });
      await executePlan({
        plan,
        set: opened.set,
        accessOf: (set) => opened.accessOf(set),
        journal: this.#journal,
        logFile,
        tracker,
        onChange: () => this.changed(),
        onProof,
      });
      await mountUnproven(plan, this.state.proof);
      for (const { mountPoint, notes } of opened.set.manifest?.archives ?? [])
        if (notes > 0)
          this.state.warnings.push(`${mountPoint}: ${notes} files changed while they were saved, or are sockets`);
      this.state.phase = 'restored';
      log(`restored: every step ended well; ${summarizeProof(this.state.proof)}`);
    } catch (error) {
      this.state.failure = told(this.state.wanted === null ? await mediumFirst(error, devices) : error);
      this.state.phase = 'failed';
      // A medium that was bad once may have been cleaned or replaced: read it again next time.
      this.#verifier.forget();
    }
    tracker.stop();
    this.changed();
  }
}
