import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { run } from '../../../common/run.ts';
import { openSecretKey } from '../../../restore/archive/signature/secret-key.ts';
import { signBytes } from '../../../restore/archive/signature/sign.ts';
import { runOnTerminal } from '../restore/archive/on-terminal.ts';
import type { Undo } from './machine.ts';
import { readPage, type Step, typedSession } from './page.ts';

export const page = readPage('by-hand.md');

/** A folder for each test, and what is to be undone before it goes away. */
let work = '';
export const undo: Undo = [];
export const at = (name = ''): string => join(work, name);

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'by-hand-'));
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  rmSync(work, { recursive: true, force: true });
});

/** Types the steps into a bash that stops at the first failure, on a terminal. */
export async function type(steps: readonly Step[], answers: readonly [RegExp, string][] = []) {
  writeFileSync(at('session.sh'), typedSession(page, steps));
  const { exitCode, shown } = await runOnTerminal(['bash', '-eu', at('session.sh')], answers);
  return { exitCode, shown: shown.replaceAll('\r', '') };
}

/** @returns what was shown, by block */
export async function typeWell(steps: readonly Step[], answers: readonly [RegExp, string][] = []) {
  const { exitCode, shown } = await type(steps, answers);
  expect(exitCode, shown).toBe(0);
  const blocks = shown.split(/^== /m).slice(1);
  return Object.fromEntries(
    blocks.map((block) => [block.split('\n', 1)[0] ?? '', block.slice(block.indexOf('\n') + 1)]),
  );
}

/** Makes a key pair at key.pub and key.key, the tool's own. */
export async function signer(): Promise<(manifest: Buffer) => string> {
  await run(['minisign', '-G', '-f', '-W', '-p', at('key.pub'), '-s', at('key.key')]);
  const key = await openSecretKey(readFileSync(at('key.key'), 'utf8'), 'key.key', () => Promise.reject(new Error()));
  return (manifest) => signBytes(manifest, key, { trustedComment: 'a set' });
}
