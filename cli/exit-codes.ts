/** Exit codes of the command line; docs/command-line.md. `unknown`: nothing failed, but not everything could be told. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, problems: 3, unknown: 4 } as const;
