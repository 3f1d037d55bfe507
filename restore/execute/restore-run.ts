import { RekindleError } from '../../common/errors/error.ts';
import type { Plan } from '../plan/step.ts';
import { carryOut } from './carry-out.ts';
import { assertSecrets } from './consent.ts';
import { mediumFirst, told } from './failure.ts';
import { findInterrupted } from './find-interrupted.ts';
import { interruptedStep, Journal, keepPlan, keptPlan, readJournal } from './journal.ts';
import { log } from './log.ts';
import type { LossCount } from './loss-count.ts';
import { findMediumDevices } from './medium.ts';
import type { OpenedChain } from './opened-chain.ts';
import { secretsIn } from './plan-secrets.ts';
import { ProgressTracker } from './progress.ts';
import type { EngineState } from './protocol.ts';
import { stepsToContinue } from './resume.ts';
import { assertSkip, skippableStep, skippedSteps, stepsToSkip } from './skip.ts';
import type { Checked } from './verifier.ts';

export interface RestoreRunOptions {
  medium: string;
  journalFile: string;
  logFile: string;
  state: EngineState;
  losses: LossCount;
  /** By name; given before the restore begins. */
  secrets: ReadonlyMap<string, string>;
  forgetSecrets: () => void;
  changed: () => void;
  verify: (opened: OpenedChain) => Promise<Checked[]>;
  forgetVerification: () => void;
}

/** One restore from its beginning or from where it stopped to its end, journalled. */
export class RestoreRun {
  readonly #options: RestoreRunOptions;
  readonly #journal: Journal;

  constructor(options: RestoreRunOptions) {
    this.#options = options;
    this.#journal = new Journal(options.journalFile);
  }

  /** Whoever is asked next is asked about this plan: what stopped before does not go on with another one. */
  planned(plan: Plan): void {
    const { state } = this.#options;
    if (state.phase === 'restoring') return;
    state.plan = plan;
    this.#offerToContinue();
  }

  /** With consent only. */
  begin(opened: OpenedChain, plan: Plan): void {
    const { losses, state } = this.#options;
    losses.forget();
    if (state.salvage?.status === 'possible') losses.agree();
    keepPlan(this.#journal.path, plan);
    void this.#restore(opened, plan);
  }

  /** @throws RekindleError RK426, RK457, RK467 */
  goOn(opened: OpenedChain): void {
    const { state } = this.#options;
    const { plan, phase } = state;
    if (phase === 'restoring') throw new RekindleError('RK457', 'started before');
    const order = this.#offerToContinue();
    if (plan === null || order === null) throw new RekindleError('RK467', 'the partitions were not all made by then');
    assertSecrets(plan, state.givenSecrets ?? [], state.continueSecrets);
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
   * @param set that may be continued @param devices that may remember it; they are only read
   */
  async lookOnDisks(set: string, devices: readonly string[]): Promise<void> {
    const { state, changed } = this.#options;
    if (readJournal(this.#journal.path).length > 0) return;
    const found = await findInterrupted(set, devices);
    // Somebody who planned meanwhile must not find another plan on the screen.
    if (found === null || state.plan !== null || !['starting', 'idle'].includes(state.phase)) return;
    this.#journal.adopt(found.entries);
    keepPlan(this.#journal.path, found.plan);
    Object.assign(state, { phase: 'failed', plan: found.plan });
    this.#offerToContinue();
    state.failure = told(new RekindleError('RK468', `it had come to: ${state.continueAt}`));
    changed();
  }

  #offerToContinue(): number[] | null {
    const { state } = this.#options;
    const { plan, phase } = state;
    const entries = readJournal(this.#journal.path);
    const found = plan && phase === 'failed' ? stepsToContinue(plan, entries) : null;
    const stopped = found === null ? undefined : plan?.steps[found.stopped];
    state.continueAt = stopped?.title ?? null;
    state.continueSecrets = plan && found ? secretsIn(plan, found.order) : [];
    state.skippable = skippableStep(stopped);
    state.skipped = plan === null ? [] : skippedSteps(plan, entries);
    return found?.order ?? null;
  }

  async #restore(opened: OpenedChain, plan: Plan, order?: number[]): Promise<void> {
    const { state, losses, secrets, logFile, medium, changed, verify } = this.#options;
    const idle = { failure: null, continueAt: null, skippable: null, salvage: null, proof: [] };
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
