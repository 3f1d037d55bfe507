import type { ErrorCode } from '../common/errors/catalogue.ts';

/** Exit codes of the command line; docs/command-line.md. `unknown`: nothing failed, but not everything could be told. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, problems: 3, unknown: 4 } as const;

/** Found out by looking at the words alone, before anything was done. */
const usageErrors: readonly ErrorCode[] = ['RK364'];

export function exitCodeOf(code: ErrorCode): number {
  return usageErrors.includes(code) ? exitCodes.usage : exitCodes.failed;
}
