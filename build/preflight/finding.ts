import { reportOf } from '../../common/errors/error.ts';
import type { Distribution } from '../../common/packages/distribution.ts';
import type { Destination } from '../destination.ts';

/** What one check found. Several checks may have more than one; one without any does not concern this medium. */
export type Finding =
  | { level: 'ok' }
  /** Nobody looked, and `what` says why: never 'ok'. */
  | { level: 'not-checked'; what: string }
  | {
      /** A problem stops `create`; with a warning the medium is made, but it can do less. */
      level: 'warning' | 'problem';
      /** What is wrong, with names. */
      what: string;
      /** What to do, a command where there is one. */
      fix: string;
      /** Packages of this distribution whose installation is the fix. */
      packages?: readonly string[];
    };

/** What the checks look at; tests give another one. */
export interface CheckContext {
  rescueOnly: boolean;
  /** Where the medium would go: looked at once, said once. */
  place: Place;
  executable: string;
  uid: number;
  release: string;
  /** Root directory in which kernel and modules lie. */
  root: string;
  firmware: 'bios' | 'uefi';
  distribution: Distribution;
}

/** What became of `--to`. */
export type Place =
  | { kind: 'none' }
  | { kind: 'usable'; destination: Destination }
  | { kind: 'refused'; error: unknown };

/** One question about this machine. */
export interface Check {
  /** Short and stable, for JSON: 'kernel'. */
  id: string;
  title: string;
  run(context: CheckContext): Promise<Finding[]>;
}

/** A finding with its check's name, as reports hold it. */
export type Reported = Finding & { id: string; title: string };

export const ok: Finding[] = [{ level: 'ok' }];

/** @param what why nobody looked, a sentence */
export function notChecked(what: string): Finding[] {
  return [{ level: 'not-checked', what }];
}

/** Of what only root may read. */
export const needsRoot: Finding[] = notChecked('Only root can look.');

/** Whatever stopped a check as a finding: a report with all problems is worth more than the first exception. */
export function asProblem(error: unknown): Finding[] {
  const { code, message, cause, hint } = reportOf(error);
  return [{ level: 'problem', what: `${message} ${cause} [${code}]`, fix: hint }];
}
