import { RekindleError } from '../../common/errors/error.ts';
import { nameToType, type Plan } from '../plan/step.ts';
import { carryOut } from './carry-out.ts';
import { assertSecrets } from './consent.ts';
import { mediumFirst, told } from './failure.ts';
import { describeInterrupted, devicesToLookAt, findInterrupted, type Interrupted, judge } from './find-interrupted.ts';
import { interruptedStep, Journal, type JournalEntry, keptPlan, readJournal } from './journal.ts';
import { journalKeyOf } from './journal-key.ts';
import { log } from './log.ts';
import { findMediumDevices } from './medium.ts';
import type { OpenedChain } from './opened-chain.ts';
import { secretsIn } from './plan-secrets.ts';
import { type PlanOrder, planOnto } from './planning.ts';
import { ProgressTracker } from './progress.ts';
import type { EngineState } from './protocol.ts';
import { manifestDigest } from './remembered.ts';
import type { RestoreRunOptions } from './restore-run-options.ts';
import { stepsToContinue } from './resume.ts';
import { assertSkip, skippableStep, skippedSteps, stepsToSkip } from './skip.ts';
import { rememberPlan, WrittenRecord } from './written-record.ts';

type Order = Omit<PlanOrder, 'medium'>;

/** One restore from its beginning or from where it stopped to its end, journalled. */
export class RestoreRun {
  readonly #options: RestoreRunOptions;
  readonly #journal: Journal;
  /** What a disk remembers, and nothing proves: not believed before a person vouches for it. */
  #unproven: Interrupted | null = null;
  readonly #written: WrittenRecord;

  constructor(options: RestoreRunOptions) {
    this.#options = options;
    this.#journal = new Journal(options.journalFile);
    this.#written = new WrittenRecord(options.journalFile);
  }

  /** Plans what is asked for; nothing is written. @throws as planOnto */
  async plan(opened: OpenedChain, order: Order): Promise<Plan> {
    const plan = await this.#planOnto(opened, order);
    this.planned(plan);
    this.#options.changed();
    return plan;
  }

  #planOnto(opened: OpenedChain, order: Order): Promise<Plan> {
    const { medium, planOnto: plan = planOnto } = this.#options;
    return plan(opened, { medium, ...order });
  }

  /** Whoever is asked next is asked about this plan: what stopped before does not go on with another one. */
  planned(plan: Plan): void {
    const { state } = this.#options;
    if (state.phase === 'restoring') return;
    // Whoever plans begins anew: what nothing proves is not offered beside it.
    this.#unproven = null;
    state.plan = plan;
    this.#offerToContinue();
  }

  /** With each failure, whichever attempt it stopped: what was written to disks by then. */
  tellWritten(): void {
    this.#written.tell(this.#options.state);
  }

  /** With consent only. */
  begin(opened: OpenedChain, plan: Plan): void {
    const { losses, state } = this.#options;
    losses.forget();
    if (state.salvage?.status === 'possible') losses.agree();
    this.#unproven = null;
    rememberPlan(this.#journal.path, plan);
    void this.#restore(opened, plan);
  }

  /** @param typed where it is unproven: the name of the disk @throws RekindleError RK315, RK426, RK455, RK457, RK467 */
  goOn(opened: OpenedChain, typed: string): void {
    const { state } = this.#options;
    const { plan, phase } = state;
    if (phase === 'restoring') throw new RekindleError('RK457', 'started before');
    const order = this.#offerToContinue();
    if (plan === null || order === null) throw new RekindleError('RK467', 'the partitions were not all made by then');
    assertSecrets(plan, state.givenSecrets ?? [], state.continueSecrets);
    if (this.#unproven !== null) this.#vouch(this.#unproven, typed);
    void this.#restore(opened, plan, order);
  }

  /** Leaves out the step that stopped, from now on. @throws RekindleError RK457, RK469, RK470 */
  skip(step: string, typed: string): void {
    const { state } = this.#options;
    const { plan, phase } = state;
    if (phase === 'restoring') throw new RekindleError('RK457', 'started before');
    this.#offerToContinue();
    assertSkip(state.skippable, step, typed);
    if (plan === null) throw new RekindleError('RK470', step);
    log(`left out, as it was typed: ${state.skippable?.title}. ${state.skippable?.consequence}`);
    for (const id of stepsToSkip(plan, step)) this.#journal.write(plan.digest, id, 'skipped');
    this.#offerToContinue();
  }

  /** After a start of the engine: what the one before did not end. @param set that may be continued */
  lookBack(set: string): void {
    const { state } = this.#options;
    const entries = readJournal(this.#journal.path);
    const kept = keptPlan(this.#journal.path);
    const plan = kept?.set === set ? kept : null;
    // Also one whose last step failed: its cause may be gone by now.
    if (interruptedStep(entries) === null && (plan === null || stepsToContinue(plan, entries) === null)) return;
    Object.assign(state, { phase: 'failed', plan });
    const last = entries.findLast(({ state: its }) => its === 'begin')?.step;
    state.failure = told(new RekindleError('RK463', `the last step that was begun is ${last ?? 'none'}`));
    this.#offerToContinue();
  }

  /**
   * After a start of the machine: a restore that a power cut ended. Only where nothing else was begun since.
   * @param devices that may remember it, without it those of this machine; they are only read
   */
  async lookOnDisks(opened: OpenedChain, devices?: readonly string[]): Promise<void> {
    const { state, medium, sealFile } = this.#options;
    const { info, sealed } = opened.set;
    if (sealed === null || readJournal(this.#journal.path).length > 0) return;
    const search = {
      ...{ set: info.set, manifest: manifestDigest(sealed.manifest), key: await journalKeyOf(opened.wanted, sealFile) },
      plan: (order: Order) => this.#planOnto(opened, order),
    };
    const own = await findMediumDevices([medium, ...opened.directories]);
    const found = await findInterrupted(search, devices ?? (await devicesToLookAt(own)), (device) =>
      this.#written.cannotTell(device),
    );
    // Somebody who planned meanwhile must not find another plan on the screen.
    if (found === null || state.plan !== null || !['starting', 'idle'].includes(state.phase)) return;
    Object.assign(state, { phase: 'failed', plan: found.plan });
    this.#tell(found);
  }

  /** The set was unlocked: its key may prove what a disk remembers. */
  async judge(opened: OpenedChain): Promise<void> {
    const found = this.#unproven;
    if (found?.isProven !== null) return;
    const judged = judge(found.remembered, found.plan, await journalKeyOf(opened.wanted, this.#options.sealFile));
    const { phase, plan } = this.#options.state;
    this.#unproven = { ...found, ...judged };
    if (phase === 'failed' && plan?.digest === found.plan.digest) this.#tell(this.#unproven);
    else if (judged.isProven === true) this.#adopt(this.#unproven);
  }

  #tell(found: Interrupted): void {
    const { state, changed } = this.#options;
    this.#unproven = found;
    if (found.isProven === true) this.#adopt(found);
    this.#offerToContinue();
    state.failure = told(describeInterrupted(found, state.continueAt));
    changed();
  }

  #adopt({ entries, plan }: Interrupted): void {
    this.#journal.adopt(entries);
    rememberPlan(this.#journal.path, plan);
    this.#unproven = null;
  }

  /** Could leave a disk as somebody prepared it, and call it restored. @throws RekindleError RK315, RK455 */
  #vouch(found: Interrupted, typed: string): void {
    const name = nameToType(found.plan);
    if (found.isProven === null) throw new RekindleError('RK315', `set ${found.plan.set}`);
    if (typed !== name) throw new RekindleError('RK455', `what was typed is not the disk's name, ${name}`);
    log('goes on with what nothing proves to be ours, as the name of the disk was typed');
    this.#adopt(found);
  }

  #entries(): readonly JournalEntry[] {
    return this.#unproven?.entries ?? readJournal(this.#journal.path);
  }

  #offerToContinue(): number[] | null {
    const { state } = this.#options;
    const { plan, phase } = state;
    const entries = this.#entries();
    const found = plan && phase === 'failed' ? stepsToContinue(plan, entries) : null;
    const stopped = found === null ? undefined : plan?.steps[found.stopped];
    state.continueAt = stopped?.title ?? null;
    state.continueSecrets = plan && found ? secretsIn(plan, found.order) : [];
    const isUnproven = this.#unproven !== null && stopped !== undefined;
    const last = this.#unproven?.entries.at(-1)?.at;
    state.unproven = isUnproven && last ? { at: last, locked: this.#unproven?.isProven === null } : null;
    state.skippable = isUnproven ? null : skippableStep(stopped);
    state.skipped = plan === null ? [] : skippedSteps(plan, entries);
    return found?.order ?? null;
  }

  async #restore(opened: OpenedChain, plan: Plan, order?: number[]): Promise<void> {
    const { state, losses, secrets, logFile, medium, sealFile, changed, verify } = this.#options;
    const idle = { failure: null, continueAt: null, unproven: null, skippable: null, salvage: null, proof: [] };
    Object.assign(state, { ...idle, phase: 'restoring' });
    if (order === undefined) state.skipped = [];
    state.warnings = [...plan.warnings];
    const tracker = new ProgressTracker(plan, changed);
    const runs = new Set(order ?? plan.steps.keys());
    const skipped = new Set(state.skipped.flatMap(({ step }) => stepsToSkip(plan, step)));
    for (const [index, { id }] of plan.steps.entries())
      if (!runs.has(index)) tracker.wasEnded(index, skipped.has(id) ? 'skipped' : 'done');
    state.progress = tracker.progress;
    changed();
    const devices = await findMediumDevices([medium]).catch((): string[] => []);
    try {
      const run = {
        plan,
        journal: this.#journal,
        logFile,
        losses,
        secrets,
        onProof: (proof: EngineState['proof']) => Object.assign(state, { proof }),
        tracker,
        sealFile,
        onChange: changed,
        ...(order ? { order } : {}),
      };
      await carryOut({ ...run, opened, state, verify: () => verify(opened) });
    } catch (error) {
      await this.#stopped(opened, error, devices);
    }
    tracker.stop();
    changed();
  }

  async #stopped(opened: OpenedChain, error: unknown, devices: readonly string[]): Promise<void> {
    const { state, forgetSecrets, forgetVerification, verify } = this.#options;
    state.failure = told(state.wanted === null ? await mediumFirst(error, devices) : error);
    state.phase = 'failed';
    this.#offerToContinue();
    // A medium that was bad once may have been cleaned or replaced: read it again next time.
    forgetVerification();
    const { code } = state.failure;
    if (code === 'RK488') forgetSecrets();
    if (code !== 'RK301' && code !== 'RK466') state.salvage = null;
    // What was damaged while it streamed, so that the rest can be offered.
    if (['RK306', 'RK307', 'RK308'].includes(code)) verify(opened).catch(told);
  }
}
