import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { RekindleError } from '../../common/errors/error.ts';

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

/** RK463 when the last restore of this journal never ended; null when it did, or there was none. */
export function interruption(path: string): RekindleError | null {
  const step = interruptedStep(readJournal(path));
  return step === null ? null : new RekindleError('RK463', `the last step that was begun is ${step}`);
}
