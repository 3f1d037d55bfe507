import { dirname, join } from 'node:path';

/**
 * Which room may import which; the design's rule as data. A room not named may import nothing of ours
 * but itself. `tui` sees the engine only through the protocol's types.
 */
const allowed: Record<string, readonly string[]> = {
  packages: [],
  common: [],
  restore: ['common'],
  init: ['common'],
  tui: [
    'common',
    'restore/execute/protocol.ts',
    'restore/execute/initial-state.ts',
    'restore/plan/step.ts',
    'restore/archive/set-schema.ts',
  ],
  // The list of modules that init loads, and how depmod's files are read, stand once.
  build: ['common', 'restore', 'init/modules'],
  cli: ['common', 'build', 'restore', 'init', 'tui'],
  'rekindle.ts': ['cli'],
  dev: ['common', 'tests'],
  tests: ['common', 'restore', 'init', 'tui', 'build', 'cli', 'dev'],
};

const importPattern = /(?:from|import)\s*\(?\s*'([^']+)'/g;

/** Lines naming each import that crosses a wall the wrong way. */
export function importProblems(file: string, text: string): string[] {
  const room = file.split('/')[0] ?? file;
  const problems: string[] = [];
  for (const match of text.matchAll(importPattern)) {
    const specifier = match[1] ?? '';
    if (specifier === 'node:ffi' && !file.startsWith('packages/linux-syscalls/'))
      problems.push(`${file}: only packages/linux-syscalls may import node:ffi`);
    if (specifier.startsWith('@rekindle/') && room === 'packages')
      problems.push(`${file}: a package may not import ${specifier}`);
    if (!specifier.startsWith('.')) continue;
    const target = join(dirname(file), specifier);
    const own = room === 'packages' ? file.split('/').slice(0, 2).join('/') : room;
    if (target === own || target.startsWith(`${own}/`)) continue;
    const rules = allowed[room];
    if (!rules) continue;
    if (!rules.some((rule) => target === rule || target.startsWith(`${rule}/`)))
      problems.push(`${file}: ${room} may not import ${target}`);
  }
  return problems;
}
