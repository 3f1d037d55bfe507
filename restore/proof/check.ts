import { formatCount } from '../../common/format.ts';
import type { Subject } from './subject.ts';

/**
 * What a check found. `cannot-tell`: what it needed could not be read, lies outside of the restored disks, or it does not
 * know such a machine. Never `pass` for what was not looked at.
 */
export interface Verdict {
  result: 'pass' | 'fail' | 'cannot-tell';
  /** One sentence: what was looked at and found, or why nobody can tell. */
  detail: string;
  /** What to do next; null when it passed. */
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

const lookYourself = 'Look at it yourself before you count on this machine.';

/** @param detail why nobody can tell @param hint how a person finds out */
export function cannotTell(detail: string, hint: string = lookYourself): Verdict {
  return { result: 'cannot-tell', detail, hint };
}

/** A table of thousands of lines can have as many. */
const mostProblems = 20;

/** What the lines of a table came to, each a sentence without its full stop. */
export interface Findings {
  problems: readonly string[];
  /** What nobody can know from here. */
  unknown?: readonly string[];
  /** What is told whatever the verdict is. */
  notes?: readonly string[];
}

/** Fails with the problems together; else cannot tell when anything is unknown; else passes. Notes are told in each case. */
export function verdictOf(
  problems: readonly string[],
  hint: string,
  good: string,
  notes: readonly string[] = [],
): Verdict {
  return verdictOfAll({ problems, notes }, { hint, good });
}

/** As verdictOf, with what nobody can know. @param unknownHint how a person finds out */
export function verdictOfAll(findings: Findings, words: { hint: string; good: string; unknownHint?: string }): Verdict {
  const { problems, unknown = [], notes = [] } = findings;
  const asides = problems.length > 0 ? [...unknown.map((text) => `not known: ${text}`), ...notes] : notes;
  const more = asides.length === 0 ? '' : ` (${joined(asides)})`;
  if (problems.length > 0) return fail(joined(problems) + more, words.hint);
  return unknown.length > 0 ? cannotTell(joined(unknown) + more, words.unknownHint) : pass(words.good + more);
}

function joined(texts: readonly string[]): string {
  const rest = texts.length - mostProblems;
  return texts.slice(0, mostProblems).join('; ') + (rest > 0 ? `; and ${formatCount(rest)} more` : '');
}
