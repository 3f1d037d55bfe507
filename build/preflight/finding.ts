import { reportOf } from '../../common/errors/error.ts';
import type { Distribution } from '../../common/packages/distribution.ts';

/** What one check found. Several checks may have more than one. */
export type Finding =
  | { level: 'ok' }
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
  /** Destinations as given: 'iso:FILE'. */
  to: readonly string[];
  executable: string;
  uid: number;
  release: string;
  /** Root directory in which kernel and modules lie. */
  root: string;
  firmware: 'bios' | 'uefi';
  distribution: Distribution;
}

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

/** Whatever stopped a check as a finding: a report with all problems is worth more than the first exception. */
export function asProblem(error: unknown): Finding[] {
  const { code, message, cause, hint } = reportOf(error);
  return [{ level: 'problem', what: `${message} ${cause} [${code}]`, fix: hint }];
}
