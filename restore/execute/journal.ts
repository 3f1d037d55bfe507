import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import * as z from 'zod';
import { digestOf } from '../plan/digest.ts';
import { type Plan, planSchema } from '../plan/step.ts';

const entrySchema = z.object({
  at: z.string(),
  plan: z.string(),
  step: z.string(),
  state: z.enum(['begin', 'done', 'failed']),
});
export type JournalEntry = z.infer<typeof entrySchema>;

/** What was begun and what was finished: one JSON object a line, on the disk before the next thing happens. */
export class Journal {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  write(plan: string, step: string, state: JournalEntry['state']): void {
    const entry: JournalEntry = { at: new Date().toISOString(), plan, step, state };
    const fd = openSync(this.path, 'a', 0o600);
    try {
      writeSync(fd, `${JSON.stringify(entry)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** Keeps the plan that the journal refers to beside it: after the first step no other plan of these disks is the same. */
export function keepPlan(journal: string, plan: Plan): void {
  writeFileSync(`${journal}.plan.new`, JSON.stringify(plan), { mode: 0o600, flush: true });
  renameSync(`${journal}.plan.new`, `${journal}.plan`);
}

/** The plan that was kept; null when there is none, or it is not what its digest says. */
export function keptPlan(journal: string): Plan | null {
  try {
    const plan = planSchema.parse(JSON.parse(readFileSync(`${journal}.plan`, 'utf8')));
    return digestOf(plan.steps) === plan.digest ? plan : null;
  } catch {
    return null;
  }
}

/** Reads a journal; a last line cut short by a crash is left out. */
export function readJournal(path: string): JournalEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
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
