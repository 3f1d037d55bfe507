import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planRestore } from '../../../../../restore/plan/plan.ts';
import { renderScript } from '../../../../../restore/plan/script/render-script.ts';
import type { Action } from '../../../../../restore/plan/step.ts';
import { biosGptMachine, manifestOf, setOf, targetDisk } from '../machines.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-script-'));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

describe('[C3] [C7] the script of a plan', () => {
  it('asks for the passphrases of a plan, and hands them over unseen and unchanged', () => {
    const layout = biosGptMachine();
    const targets = [{ source: 'disk0', disk: targetDisk() }];
    const plan = planRestore({ set: setOf(layout), manifest: manifestOf(layout), layout, targets });
    const seen = join(work, 'seen');
    const secret = 'luks:disk0:2';
    const step = { id: 'x', title: 'x', target: 'x', destroys: null, weightBytes: 0 };
    const action: Action = { type: 'run', argv: ['dd', `of=${seen}`], secret };
    const steps = [{ ...step, actions: [action] }];
    const manifest = manifestOf(biosGptMachine());
    const text = renderScript({
      plan: { ...plan, steps, secrets: [{ name: secret, title: "it's vault" }] },
      sets: [{ set: plan.set, manifest, directory: '/s' }],
    });
    const functions = text.slice(text.indexOf('die() {'), text.indexOf('decrypt() {'));
    const asked = text.slice(text.indexOf('ask_secret '), text.indexOf("say 'Restored"));
    const typed = "no\nother\n a  'pass' $word\n a  'pass' $word\n";
    const { status, stderr } = spawnSync('sh', ['-euc', `${functions}\n${asked}`], { input: typed, encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(readFileSync(seen, 'utf8')).toBe(" a  'pass' $word");
  });
});
