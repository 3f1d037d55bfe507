import { describe, expect, it } from 'vitest';
import { importProblems } from '../../../dev/lint/imports.ts';
import { outputProblems } from '../../../dev/lint/output.ts';
import { programProblems } from '../../../dev/lint/programs.ts';
import { textProblems } from '../../../dev/lint/text.ts';

describe('import directions', () => {
  const line = (specifier: string) => `import { x } from '${specifier}';`;

  it.each([
    ['restore/plan/plan.ts', '../../tui/main.tsx'],
    ['restore/plan/plan.ts', '../../build/main.ts'],
    ['tui/main.tsx', '../restore/execute/engine.ts'],
    ['init/main.ts', '../restore/plan/plan.ts'],
    ['packages/sfdisk-parser/src/index.ts', '../../../common/run.ts'],
    ['packages/sfdisk-parser/src/index.ts', '@rekindle/linux-syscalls'],
    ['restore/archive/x.ts', 'node:ffi'],
  ])('%s may not import %s', (file, specifier) => {
    expect(importProblems(file, line(specifier))).toHaveLength(1);
  });

  it.each([
    ['restore/plan/plan.ts', '../layout/schema.ts'],
    ['tui/main.tsx', '../restore/execute/protocol.ts'],
    ['build/create.ts', '../restore/layout/capture.ts'],
    ['packages/linux-syscalls/src/mount.ts', 'node:ffi'],
    ['cli/dispatch.ts', '../tui/main.tsx'],
  ])('%s may import %s', (file, specifier) => {
    expect(importProblems(file, line(specifier))).toEqual([]);
  });

  it('sees dynamic imports too', () => {
    expect(importProblems('init/main.ts', "await import('../tui/main.tsx')")).toHaveLength(1);
  });
});

describe('programs', () => {
  it.each([
    ['build/rescue/module-file.ts', "import { execa } from 'execa';"],
    ['restore/proof/read/decompress.ts', "import { spawn } from 'node:child_process';"],
    ['common/x.ts', "import { type ChildProcess, spawn } from 'node:child_process';"],
  ])('%s starts none itself', (file, text) => {
    expect(programProblems(file, text)).toHaveLength(1);
  });

  it.each([
    ['common/run.ts', "import { execa } from 'execa';"],
    ['common/x.ts', "import type { ChildProcess } from 'node:child_process';"],
    ['init/shell.ts', "import { spawn } from 'node:child_process';"],
    ['build/x.ts', "import { run } from '../common/run.ts';"],
  ])('%s may', (file, text) => {
    expect(programProblems(file, text)).toEqual([]);
  });
});

describe('text rules', () => {
  it('refuses long files and hosts of registries', () => {
    expect(textProblems('a.ts', 'x\n'.repeat(260))).toHaveLength(1);
    expect(textProblems('a.md', `see https://${'registry'}.example.org/x`)).toHaveLength(1);
    expect(textProblems('a.ts', 'x\n'.repeat(250))).toEqual([]);
  });

  it('finds a test that reads the clock of today', () => {
    const reading = ['Date', 'now()'].join('.');
    expect(textProblems('tests/unit/a.test.ts', `if (${reading} > 3) fail();`)).toHaveLength(1);
    expect(textProblems('packages/a/tests/a.test.ts', `const now = new ${'Date()'};`)).toHaveLength(1);
    expect(textProblems('tests/tui/a.test.ts', "new Date('2026-11-20'); performance.now();")).toEqual([]);
    expect(textProblems('build/create.ts', `at(${reading})`)).toEqual([]);
  });
});

describe('ways to a terminal', () => {
  it.each([
    ['cli/look.ts', 'process.stdout.write(name);'],
    ['build/create.ts', 'const output = process.stderr;'],
    ['restore/execute/engine.ts', 'console.log(name);'],
    ['restore/archive/child.ts', "spawn('tar', [], { stdio: ['ignore', 'inherit', 'pipe'] });"],
    ['init/boot.ts', 'writeConsoles(name);'],
    ['init/boot.ts', 'writeSync(2, name);'],
  ])('%s goes through one that shows what names hold, not %s', (file, text) => {
    expect(outputProblems(file, text)).toHaveLength(1);
  });

  it.each([
    ['common/print.ts', 'process.stdout.write(text);'],
    ['cli/look.ts', 'printLines([name]);'],
    ['dev/docs.ts', 'process.stdout.write(text);'],
  ])('%s may: %s', (file, text) => {
    expect(outputProblems(file, text)).toEqual([]);
  });
});
