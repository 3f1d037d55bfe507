import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../../../restore/archive/set-schema.ts';
import { planRestore } from '../../../../../restore/plan/plan.ts';
import { renderScript } from '../../../../../restore/plan/script/render-script.ts';
import { biosMachine, manifestOf, setOf, targetDisk } from '../machines.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-key-'));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** What a script of two encrypted sets does until it has both keys, then `then`. A stand-in unlocks. */
function unlock(shell: string, then: string): { code: number | null; signal: string | null; out: string[] } {
  const layout = biosMachine();
  const key = { volume: 1, path: 'key.age', size: 1, sha256: 'ab'.repeat(32) };
  const manifest: Manifest = { ...manifestOf(layout), encryption: 'age', files: [key] };
  const plan = planRestore({
    set: setOf(layout),
    manifest,
    layout,
    targets: [{ source: 'disk0', disk: targetDisk() }],
  });
  const base = '0a0a0a0a-0000-4000-8000-000000000009';
  const archive = manifest.archives[0]?.name ?? '';
  const before = [{ set: base, archive }];
  const step = { id: 'x', title: 'x', target: 'x', destroys: null, weightBytes: 0 };
  const steps = [{ ...step, actions: [{ type: 'extract' as const, archive, at: '/x', device: '/x', before }] }];
  const text = renderScript({
    plan: { ...plan, steps },
    sets: [
      { set: plan.set, manifest, directory: join(work, 'set') },
      { set: base, manifest, directory: join(work, 'base') },
    ],
  });
  for (const [name, set] of [
    ['set', plan.set],
    ['base', base],
  ] as const) {
    mkdirSync(join(work, name));
    writeFileSync(join(work, name, 'set.json'), set);
  }
  mkdirSync(join(work, 'bin'));
  writeFileSync(join(work, 'bin/age'), '#!/bin/sh\necho SECRET\n');
  chmodSync(join(work, 'bin/age'), 0o755);
  const script = join(work, 'script.sh');
  writeFileSync(script, `umask 0\n${text.slice(0, text.indexOf('decrypt() {'))}\n${then}\n`);
  const env = { PATH: `${join(work, 'bin')}:${process.env.PATH}`, keys: '/etc' };
  const done = spawnSync(shell, [script], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { code: done.status, signal: done.signal, out: done.stdout.trim().split('\n') };
}

const show = `printf '%s\\n' "$KEY_0" "$KEY_1"; stat -c '%a %U %F' "\${KEY_0%/*}" "$KEY_0"; cat "$KEY_0"`;

describe.each(['dash', 'bash'])('[C3] [C7] the key that the script unlocks, in %s', (shell) => {
  it.each([
    ['ends', '', 0],
    ['fails', 'false', 1],
    ['is interrupted', 'kill -INT $$', 130],
    ['is stopped', 'kill -TERM $$', 143],
    ['loses its terminal', 'kill -HUP $$', 129],
  ])('lies where nobody else looks, under a name that nobody knows, and is gone when the script %s', (_, how, code) => {
    const { out, code: left, signal } = unlock(shell, `${show}\n${how}`);
    const [first = '', second = '', ...about] = out;
    expect({ left, signal }).toEqual({ left: code, signal: null });
    expect(first).toMatch(/^\/dev\/shm\/rekindle\.\w{10}\/0$/);
    expect(second).toBe(`${dirname(first)}/1`);
    expect(about).toEqual(['700 root directory', '600 root regular file', 'SECRET']);
    expect(existsSync(dirname(first))).toBe(false);
  });
});

describe('[C7] files of the script', () => {
  it('have no fixed name where others may write', () => {
    for (const name of ['prelude', 'chain-prelude', 'unpack-prelude', 'render-script', 'render-action']) {
      const source = join(import.meta.dirname, `../../../../../restore/plan/script/${name}.ts`);
      expect(readFileSync(source, 'utf8')).not.toMatch(/\/(tmp|dev\/shm|var\/tmp)\/(?!rekindle\.X{10}\))/);
    }
  });
});
