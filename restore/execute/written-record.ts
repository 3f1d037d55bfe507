import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Plan } from '../plan/step.ts';
import { type JournalEntry, keepPlan, parseJournal, parsePlan } from './journal.ts';
import { log } from './log.ts';
import type { EngineState, Report } from './protocol.ts';
import { describeWritten, runsIn } from './written.ts';

/** Beside the journal: each plan that it refers to, for a later one replaces the plan that a restore goes on with. */
function planFile(journal: string, digest: string): string {
  return `${journal}.plan.${digest.replaceAll(/[^\w-]/g, '')}`;
}

/** Remembers which disks a plan is for, longer than it can be continued. */
export function keepForRecord(journal: string, plan: Plan): void {
  writeFileSync(planFile(journal, plan.digest), JSON.stringify(plan), { mode: 0o600 });
}

/** The plan that is carried out from now on: to go on with, and for the record. */
export function rememberPlan(journal: string, plan: Plan): void {
  keepPlan(journal, plan);
  keepForRecord(journal, plan);
}

/** What was written to disks so far: of this journal, and of what a start of the machine found on its disks. */
export class WrittenRecord {
  readonly #journal: string;
  readonly #untold = new Set<string>();
  readonly #plans = new Map<string, Plan | null>();
  #known = { of: '', sentence: '' };
  #logged: Report | null = null;

  /** @param journal of this boot */
  constructor(journal: string) {
    this.#journal = journal;
  }

  /** A device remembers a restore that did not end, and nobody can or may believe what it says of it. */
  cannotTell(device: string): void {
    this.#untold.add(device);
  }

  /** In the state; in the log once for each failure. */
  tell(state: EngineState): void {
    state.written = this.describe(state.plan);
    const failure = state.failure ?? state.problem;
    if (failure === null || failure === this.#logged) return;
    this.#logged = failure;
    log(`Disks: ${state.written}`);
  }

  /** For people, always true; read anew when the journal has grown. @param plan whose journal it may be */
  describe(plan: Plan | null): string {
    const found = statSync(this.#journal, { throwIfNoEntry: false });
    const of = [found?.size, found?.mtimeMs, plan?.digest, this.#untold.size].join();
    if (of !== this.#known.of) this.#known = { of, sentence: this.#read(plan) };
    return this.#known.sentence;
  }

  #read(current: Plan | null): string {
    const entries = readEntries(this.#journal);
    if (typeof entries === 'string') return `What was written is not known: ${entries}.`;
    const planOf = (digest: string): Plan | null => (current?.digest === digest ? current : this.#planOf(digest));
    return describeWritten(runsIn(entries, planOf), [...this.#untold]);
  }

  #planOf(digest: string): Plan | null {
    const known = this.#plans.get(digest);
    if (known !== undefined) return known;
    const plan = readPlan(planFile(this.#journal, digest));
    this.#plans.set(digest, plan);
    return plan;
  }
}

/** Why it cannot be read, where it cannot. A last line that was cut short tells of a step that had not begun. */
function readEntries(journal: string): JournalEntry[] | string {
  let text: string;
  try {
    text = readFileSync(journal, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return code === 'ENOENT' ? [] : `the journal of the restore cannot be read (${code})`;
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const entries = parseJournal(whole);
  const lines = whole.split('\n').filter((line) => line !== '');
  return entries.length === lines.length ? entries : 'the journal of the restore has lines that are none';
}

function readPlan(path: string): Plan | null {
  try {
    return parsePlan(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
