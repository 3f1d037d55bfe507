import { formatCount } from '../../common/format.ts';
import type { Subject } from './subject.ts';

/** What a check found. `cannot-tell`: what it needed could not be read, or it does not know such a machine. */
export interface Verdict {
  result: 'pass' | 'fail' | 'cannot-tell';
  /** One sentence: what was looked at and found. */
  detail: string;
  /** What to do next; null unless failed. */
  hint: string | null;
}

/** One question about a machine that was restored. One per file below checks/, listed in checks.ts. */
export interface Check {
  id: string;
  /** The question as a sentence that is true when the check passes: 'every device in /etc/fstab exists'. */
  title: string;
  /** Whether a machine that fails it will probably not come up; else it comes up with something missing. */
  stopsBoot: boolean;
  /** Null: the machine has nothing of the kind. Changes nothing. */
  run(subject: Subject): Verdict | null | Promise<Verdict | null>;
}

export function pass(detail: string): Verdict {
  return { result: 'pass', detail, hint: null };
}

export function fail(detail: string, hint: string): Verdict {
  return { result: 'fail', detail, hint };
}

export function cannotTell(detail: string): Verdict {
  return { result: 'cannot-tell', detail, hint: null };
}

/** A table of thousands of lines can have as many. */
const mostProblems = 20;

/** Fails with the problems together, else passes; notes are told in both cases. */
export function verdictOf(problems: readonly string[], hint: string, good: string, notes: readonly string[] = []) {
  const more = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  const rest = problems.length - mostProblems;
  const shown = problems.slice(0, mostProblems).join('; ') + (rest > 0 ? `; and ${formatCount(rest)} more` : '');
  return problems.length > 0 ? fail(shown + more, hint) : pass(good + more);
}
