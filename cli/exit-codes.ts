/** Exit codes of the command line; docs/command-line.md. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, problems: 3 } as const;
