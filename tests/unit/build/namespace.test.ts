import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const child = join(import.meta.dirname, 'namespace-child.ts');

function enter(words: readonly string[], stdio: readonly (number | 'ignore' | 'pipe')[]) {
  const argv = ['--disable-warning=ExperimentalWarning', child, ...words];
  return spawnSync(process.execPath, argv, { stdio: [...stdio], encoding: 'utf8' });
}

it('[B11] hands the file descriptors of secrets into the mount namespace', () => {
  const work = mkdtempSync(join(tmpdir(), 'namespace-'));
  onTestFinished(() => rmSync(work, { recursive: true }));
  const opened = ['correct horse', 'battery'].map((secret, index) => {
    writeFileSync(join(work, `${index}`), `${secret}\n`);
    return openSync(join(work, `${index}`), 'r');
  });
  // 3 and 5: what a shell's `5< FILE` does.
  const { stdout, stderr } = enter(['3', '5'], ['ignore', 'pipe', 'pipe', opened[0] ?? 0, 'ignore', opened[1] ?? 0]);
  expect(stderr).toBe('');
  expect(stdout).toBe('correct horse\nbattery\n');
});

it('[B11] refuses a file descriptor that is not open', () => {
  const { status, stderr } = enter(['57'], ['ignore', 'pipe', 'pipe']);
  expect(status).not.toBe(0);
  expect(stderr).toContain('RK329');
  expect(stderr).toContain('57');
});
