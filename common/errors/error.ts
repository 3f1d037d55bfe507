import { barredLines } from '../barred-lines.ts';
import { catalogue, type ErrorCode } from './catalogue.ts';
import { systemFailure } from './system-error.ts';

/** One expected failure as people and programs see it. */
export interface ErrorReport {
  code: ErrorCode;
  /** What went wrong, one sentence. */
  message: string;
  /** Why, with the names and numbers at hand. */
  cause: string;
  /** What to do next. */
  hint: string;
}

/**
 * A failure that Rekindle foresaw: it stops the work and tells the user what to do.
 * So may a refusal of the system (`systemFailure`); any other exception is a bug of ours.
 */
export class RekindleError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly hint: string;

  /** @param reason the particulars: names, sizes with units, a tool's own last words. */
  constructor(code: ErrorCode, reason: string, options: { hint?: string; cause?: unknown } = {}) {
    super(catalogue[code].title, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RekindleError';
    this.code = code;
    this.reason = reason;
    this.hint = options.hint ?? catalogue[code].hint;
  }

  report(): ErrorReport {
    return { code: this.code, message: this.message, cause: this.reason, hint: this.hint };
  }
}

/** Turns anything thrown into a report: what the system refused becomes RK495 or RK498, what nobody foresaw RK001 with its message. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof RekindleError) return error.report();
  const refused = systemFailure(error);
  if (refused !== null) return { message: catalogue[refused.code].title, ...refused };
  const text = error instanceof Error ? error.message : String(error);
  return { code: 'RK001', message: catalogue.RK001.title, cause: text, hint: catalogue.RK001.hint };
}

/**
 * The report as lines for a terminal: message, cause, next step, code last for the search engine. The cause may hold anything that
 * a set, a disk or a tool says: its own lines after the first begin with a bar, so that none can pass for ours.
 */
export function renderReport({ message, cause, hint, code }: ErrorReport): string {
  const lines = [message, ...barredLines('  Why:  ', cause.trim()), ...barredLines('  Next: ', `${hint}  [${code}]`)];
  return lines.join('\n');
}
