import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import * as z from 'zod';
import { planDigest } from '../plan/digest.ts';
import { type Plan, planSchema } from '../plan/step.ts';

const entrySchema = z.object({
  at: z.string(),
  plan: z.string(),
  step: z.string(),
  state: z.enum(['begin', 'done', 'failed', 'skipped']),
});
export type JournalEntry = z.infer<typeof entrySchema>;

/** What was begun and what was finished: one JSON object a line, on the disk before the next thing happens. */
export class Journal {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  write(plan: string, step: string, state: JournalEntry['state']): void {
    this.#append([{ at: new Date().toISOString(), plan, step, state }]);
  }

  /** Takes over what was found elsewhere. */
  adopt(entries: readonly JournalEntry[]): void {
    this.#append(entries);
  }

  #append(entries: readonly JournalEntry[]): void {
    const fd = openSync(this.path, 'a', 0o600);
    try {
      writeSync(fd, linesOf(entries));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** As a journal's file has them. */
export function linesOf(entries: readonly JournalEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/** Keeps the plan that the journal refers to beside it: after the first step no other plan of these disks is the same. */
export function keepPlan(journal: string, plan: Plan): void {
  writeFileSync(`${journal}.plan.new`, JSON.stringify(plan), { mode: 0o600, flush: true });
  renameSync(`${journal}.plan.new`, `${journal}.plan`);
}

/** The plan that was kept; null when there is none, or it is not what its digest says. */
export function keptPlan(journal: string): Plan | null {
  try {
    return parsePlan(readFileSync(`${journal}.plan`, 'utf8'));
  } catch {
    return null;
  }
}

/** Null when it is no plan, or not what its digest says. */
export function parsePlan(text: string): Plan | null {
  try {
    const plan = planSchema.parse(JSON.parse(text));
    return planDigest(plan) === plan.digest ? plan : null;
  } catch {
    return null;
  }
}

/** Reads a journal; a last line cut short by a crash is left out. */
export function readJournal(path: string): JournalEntry[] {
  try {
    return parseJournal(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
}

/** Lines that are no entries are left out. */
export function parseJournal(text: string): JournalEntry[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [entrySchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

/** The step that was begun and never ended; null when the last restore ended or there was none. */
export function interruptedStep(entries: readonly JournalEntry[]): string | null {
  const last = entries.at(-1);
  if (!last || (last.state === 'done' && last.step === 'restore') || last.state === 'failed') return null;
  return last.step;
}
