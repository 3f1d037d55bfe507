import { type ErrorReport, RekindleError, reportOf } from '../../common/errors/error.ts';
import type { RecoverySet } from '../archive/open-set.ts';
import { describeDamageOf, verifySet } from '../archive/verify-set.ts';
import { probeHere } from '../bootloader/firmware.ts';
import { listTargetDisks } from '../plan/disks.ts';
import { planRestore } from '../plan/plan.ts';
import type { Plan, TargetDisk } from '../plan/step.ts';
import { describeSaved } from './describe-saved.ts';
import { executePlan } from './execute-plan.ts';
import { interruptedStep, Journal, readJournal } from './journal.ts';
import { log, newestLines } from './log.ts';
import { findMediumDevices, isMediumReadable } from './medium.ts';
import { OpenedSet, type Secret } from './opened-set.ts';
import { PlanSecrets } from './plan-secrets.ts';
import { ProgressTracker } from './progress.ts';
import type { DisksAnswer, EngineState } from './protocol.ts';

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
  readonly state: EngineState;
  readonly #options: EngineOptions;
  readonly #journal: Journal;
  #opened: OpenedSet | null = null;
  #verification: Promise<string[]> | null = null;
  readonly secrets = new PlanSecrets((names) => {
    this.state.givenSecrets = names;
    this.changed();
  });

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#journal = new Journal(options.journalFile);
    this.state = {
      phase: 'starting',
      set: null,
      problem: null,
      verification: { status: 'idle', bytesDone: 0, bytesTotal: 0, damage: [] },
      locked: false,
      wanted: null,
      unverified: [],
      plan: null,
      progress: null,
      warnings: [],
      failure: null,
      countdown: null,
      log: [],
    };
  }

  /** Changes that are not the engine's own: the countdown. */
  changed(): void {
    this.state.log = newestLines();
    this.#options.onChange();
  }

  get set(): RecoverySet | null {
    return this.#opened?.set ?? null;
  }

  /** Opens the set; a broken one becomes the state's `problem`, for the menu must still come up. */
  async open(findDirectory: () => Promise<string>): Promise<void> {
    try {
      const { medium } = this.#options;
      this.#opened = await OpenedSet.open(await findDirectory(), { medium, onWanted: (wanted) => this.#want(wanted) });
      const { set, locked, missing } = this.#opened;
      Object.assign(this.state, { locked, unverified: missing });
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
    } catch (error) {
      this.state.problem = this.#told(error);
    }
    this.state.phase = 'idle';
    const interrupted = interruptedStep(readJournal(this.#journal.path));
    if (interrupted !== null) {
      this.state.phase = 'failed';
      this.state.failure = this.#told(new RekindleError('RK463', `the last step that was begun is ${interrupted}`));
    }
    this.changed();
  }

  /** The medium comes first: without it every tool fails in a way of its own. */
  async #withMedium(error: unknown, devices: readonly string[]): Promise<unknown> {
    if (error instanceof RekindleError && error.code === 'RK306') return error;
    if (this.state.wanted !== null || (await isMediumReadable(devices))) return error;
    const { message, cause } = reportOf(error);
    return new RekindleError('RK306', `${devices.join(', ')} gives no bytes any more. ${message} ${cause}`, {
      cause: error,
    });
  }

  #told(error: unknown): ErrorReport {
    const report = reportOf(error);
    log(`${report.message} ${report.cause} [${report.code}]`);
    if (report.code === 'RK001' && error instanceof Error) log(String(error.stack));
    return report;
  }

  #want(wanted: EngineState['wanted']): void {
    this.state.wanted = wanted;
    this.changed();
  }

  /** @throws AgeError, RekindleError RK32x when it does not open the set */
  async unlock(secret: Secret): Promise<void> {
    await this.#requireSet().unlock(secret);
    this.state.locked = false;
    this.#verification = null;
    void this.verify();
    this.changed();
  }

  skipVolume(volume: number): void {
    this.#requireSet().skipVolume(volume);
  }

  #requireSet(): OpenedSet {
    if (this.#opened) return this.#opened;
    throw new RekindleError('RK458', this.state.problem?.cause ?? 'the medium is still being read');
  }

  async listDisks(): Promise<TargetDisk[]> {
    const set = this.set;
    const mediumDevices = await findMediumDevices(this.#options.medium);
    return listTargetDisks({
      mediumDevices,
      ...(set?.layout ? { layout: set.layout } : {}),
      ...(set ? { set: set.info.set } : {}),
    });
  }

  async disks(): Promise<DisksAnswer> {
    const here = await this.listDisks();
    const layout = this.set?.layout;
    return { saved: layout ? layout.disks.map((disk) => describeSaved(layout, disk)) : [], here };
  }

  /** Plans onto the named disks. Nothing is written. */
  async plan(targets: readonly { source: string; disk: string }[]): Promise<Plan> {
    const { set } = this.#requireSet();
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
      targets: chosen,
      here: await probeHere(),
    });
    if (this.state.phase !== 'restoring') this.state.plan = plan;
    this.changed();
    return plan;
  }

  /** Reads the whole set once and compares digests; a second call gets the first one's result. */
  verify(): Promise<string[]> {
    this.#verification ??= this.#verifyNow(this.#requireSet());
    return this.#verification;
  }

  async #verifyNow({ accessAtHand }: OpenedSet): Promise<string[]> {
    const verification = this.state.verification;
    verification.status = 'running';
    const found = await verifySet(accessAtHand, {
      onProgress: (done, total) => {
        verification.bytesDone = done;
        verification.bytesTotal = total;
        this.changed();
      },
    });
    const damage = found.map(describeDamageOf);
    verification.damage = damage;
    verification.status = damage.length === 0 ? 'intact' : 'damaged';
    log(damage.length === 0 ? 'the whole set is intact' : `the set is damaged: ${damage.join('; ')}`);
    this.changed();
    return damage;
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
    this.secrets.forPlan(plan);
    const name = plan.targets[0]?.disk.name ?? '';
    const { missing } = opened;
    this.state.unverified = missing;
    if (missing.length > 0 && confirm === name)
      throw new RekindleError('RK464', `volume ${missing.join(', ')} is not here`);
    if (confirm !== (missing.length > 0 ? `${name} unverified` : name))
      throw new RekindleError('RK455', `typed "${confirm}", the disk is ${name}`);
    this.state.phase = 'restoring';
    this.state.failure = null;
    this.state.warnings = [...plan.warnings];
    void this.#restore(opened, plan);
  }

  async #restore({ access, locked }: OpenedSet, plan: Plan): Promise<void> {
    const tracker = new ProgressTracker(plan, () => this.changed());
    const devices = await findMediumDevices(this.#options.medium).catch((): string[] => []);
    this.state.progress = tracker.progress;
    this.changed();
    try {
      // Nothing on a disk is touched before the whole set was read and found good.
      if (locked) throw new RekindleError('RK315', `set ${access.set.info.set}`);
      const damage = await this.verify();
      if (damage.length > 0) throw new RekindleError('RK301', damage.join('; '));
      const { logFile } = this.#options;
      const execution = { plan, access, journal: this.#journal, logFile, tracker, secrets: this.secrets.forPlan(plan) };
      await executePlan({ ...execution, onChange: () => this.changed() });
      for (const { mountPoint, notes } of access.set.manifest?.archives ?? [])
        if (notes > 0)
          this.state.warnings.push(`${mountPoint}: ${notes} files changed while they were saved, or are sockets`);
      this.state.phase = 'restored';
      log('restored: every step ended well');
    } catch (error) {
      this.state.failure = this.#told(await this.#withMedium(error, devices));
      this.state.phase = 'failed';
      // A medium that was bad once may have been cleaned or replaced: read it again next time.
      this.#verification = null;
    }
    tracker.stop();
    this.changed();
  }
}
