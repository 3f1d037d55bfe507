/** Rooms whose output people read; names of sets, disks and tools are in it. */
const rooms = /^(cli|build|init|restore|tui|common)\//;

/** Ways to a terminal that let everything through; `what` may be named by the files beside it only. */
const ways: readonly { what: string; pattern: RegExp; files: readonly string[] }[] = [
  {
    what: 'standard output and error (use common/print.ts)',
    pattern: /\bprocess\s*\.\s*(stdout|stderr)\b|\bconsole\.(log|error|warn|info|debug)\(|\bwriteSync\((1|2),/,
    // The menu's lines are made by tui/glyphs.ts; a build of ours prints its own words.
    // Who listens for a reader that goes away writes nothing, or a report that is made visible.
    files: [
      'common/print.ts',
      'common/without-reader.ts',
      'cli/output-gone.ts',
      'build/progress.ts',
      'build/bundle/sea.ts',
      'tui/main.tsx',
      'init/stage2/log.ts',
    ],
  },
  {
    what: "the caller's terminal for a tool (read its words, then common/print.ts)",
    pattern: /'inherit'/,
    files: [],
  },
  {
    what: 'consoles (use say or note of init/say.ts)',
    pattern: /\bwriteConsoles?\(/,
    files: ['init/consoles.ts', 'init/say.ts', 'init/shell.ts', 'init/stage2/supervise.ts', 'init/stage2/power.ts'],
  },
];

/** Lines naming each way to a terminal past `visible`: one forgotten name of a hostile set is enough. */
export function outputProblems(file: string, text: string): string[] {
  if (!rooms.test(file)) return [];
  return ways.flatMap(({ what, pattern, files }) =>
    pattern.test(text) && !files.includes(file) ? [`${file}: writes directly to ${what}`] : [],
  );
}
