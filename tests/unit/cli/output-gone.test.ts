import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const program = join(import.meta.dirname, '../../../rekindle.ts');

function start(stdout: 'pipe' | number) {
  const argv = ['--disable-warning=ExperimentalWarning', program, '--help'];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', stdout, 'pipe'] });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return { child, errors: () => errors };
}

it('a reader that goes away (`--help | head`) ends the command without a word', async () => {
  const { child, errors } = start('pipe');
  child.stdout?.destroy();
  const [code] = (await once(child, 'close')) as [number | null];
  expect(errors()).toBe('');
  expect(code).toBe(141);
});

it('an output that cannot be written is an error with a code (RK233)', async () => {
  const { child, errors } = start(openSync('/dev/full', 'w'));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(errors()).toMatch(/^rekindle: The output could not be written\.\n.*ENOSPC.*\n.*\[RK233\]\n$/);
  expect(code).toBe(1);
});
