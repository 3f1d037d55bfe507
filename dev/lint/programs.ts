/** Rooms that run on a person's machine, where a program may not be installed. Init and the menu start what their medium brings. */
const rooms = /^(cli|build|restore|common)\//;

/** They tell a program that is missing from all else that goes wrong, and name its package. A hook is what the settings name, not we. */
const runners = ['common/run.ts', 'common/look.ts', 'restore/archive/child.ts', 'build/hooks.ts'];

const starts = /^import (?!type\b)[^;]*? from '(?:node:child_process|execa)'/m;

/** A line for a file that starts programs past the runners: there a missing one would be called a bug of ours. */
export function programProblems(file: string, text: string): string[] {
  if (!rooms.test(file) || runners.includes(file) || !starts.test(text)) return [];
  return [`${file}: starts programs itself; use run of common/run.ts, or startTool and throughTool of restore/archive`];
}
