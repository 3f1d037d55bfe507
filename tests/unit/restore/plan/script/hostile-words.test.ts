import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../../../restore/archive/set-schema.ts';
import { planRestore } from '../../../../../restore/plan/plan.ts';
import { renderScript } from '../../../../../restore/plan/script/render-script.ts';
import type { Plan } from '../../../../../restore/plan/step.ts';
import { biosMachine, manifestOf, setOf, targetDisk } from '../machines.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-words-'));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function planned(change: (plan: Plan) => Partial<Plan>): Plan {
  const layout = biosMachine();
  const targets = [{ source: 'disk0', disk: targetDisk() }];
  const plan = planRestore({ set: setOf(layout), manifest: manifestOf(layout), layout, targets });
  return { ...plan, ...change(plan) };
}

function render(plan: Plan, changes: Partial<Manifest> = {}): string {
  const manifest = { ...manifestOf(biosMachine()), ...changes };
  return renderScript({ plan, sets: [{ set: plan.set, manifest, directory: '/s' }] });
}

/** Escape sequences, a line break that would begin a command, and the other line separators. */
const hostile = 'x\x1b]0;owned\x07\r\n\x0b\x0c\x85\u2028\u202etouch pwned\n#';

describe('[C7] text from outside in the script', () => {
  it('has no control character, in what it says and in its comments', () => {
    const step = { id: 'x', title: hostile, target: hostile, destroys: hostile, weightBytes: 0, actions: [] };
    const disk = targetDisk({ model: hostile, serial: hostile, contents: [hostile] });
    const text = render(
      planned(() => ({
        steps: [step],
        warnings: [hostile],
        targets: [{ source: 'disk0', disk }],
        secrets: [{ name: 'luks:disk0:2', title: hostile }],
      })),
    );
    expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    const lines = text.split('\n').filter((line) => line.includes('owned'));
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) expect(line).toMatch(/^(#|say |confirm |ask_secret )/);
    expect(text).not.toMatch(/^touch pwned/m);
  });

  it('of a part says what is lost without one too', () => {
    const step = { id: 'x', title: 'x', target: 'x', destroys: hostile, weightBytes: 0, actions: [] };
    const text = render(
      planned(() => ({ steps: [step], part: { kind: 'files', order: { only: 'files' }, confirm: hostile } })),
    );
    expect(text.split('\n').filter((line) => line.startsWith('confirm_part '))).toHaveLength(1);
    expect(text).not.toMatch(/(?![\n\t])\p{Cc}/u);
  });
});

describe('[C7] names of files in the script', () => {
  it('are each compared, and add no line to the list of digests', () => {
    mkdirSync(join(work, 'set'));
    const names = ['a\nb', 'a\\nb', 'a\rb', 'plain'];
    const sums = names.map((name) => {
      writeFileSync(join(work, 'set', name), name);
      return spawnSync('sha256sum', { input: name, encoding: 'utf8' }).stdout.slice(0, 64);
    });
    const files = names.map((path, index) => ({ volume: 1, path, size: 1, sha256: sums[index] ?? '' }));
    const text = render(
      planned(() => ({})),
      { files },
    );
    const from = text.indexOf('(cd "$SET" && sha256sum');
    const check = text.slice(from, text.indexOf('\nconfirm ', from));
    const compare = (): ReturnType<typeof spawnSync> =>
      spawnSync('dash', ['-c', `SET=${join(work, 'set')}\n${check}`], { encoding: 'utf8' });
    expect(compare()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    writeFileSync(join(work, 'set/a\nb'), 'changed');
    expect(compare().status).toBe(1);
  });
});
