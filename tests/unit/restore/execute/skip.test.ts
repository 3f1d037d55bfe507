import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Engine } from '../../../../restore/execute/engine.ts';
import { readJournal } from '../../../../restore/execute/journal.ts';
import { newestLines } from '../../../../restore/execute/log.ts';
import { skippableStep, stepsToSkip } from '../../../../restore/execute/skip.ts';
import { digestOf } from '../../../../restore/plan/digest.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import type { Action, Plan, Step } from '../../../../restore/plan/step.ts';
import { ended, openEngine } from '../../../fixtures/interrupted.ts';
import { makeSmallSet, type SmallSet, sampleSet } from '../../../fixtures/small-set.ts';
import { biosGptMachine, manifestOf, setOf, targetDisk } from '../plan/machines.ts';

let shared = '';
let set: SmallSet;
beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'skip-'));
  mkdirSync(join(shared, 'source'));
  writeFileSync(join(shared, 'source/file'), 'content');
  set = await makeSmallSet({
    work: shared,
    trees: [{ source: join(shared, 'source'), mountPoint: '/', node: 'disk0:1' }],
  });
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));

function step(id: string, title: string, ...actions: Action[]): Step {
  return { id, title, target: 'vda3', destroys: null, weightBytes: 0, actions };
}

/** Touches nothing but files of its own; what fails is told by a name. */
function planIn(work: string, failing: string): Plan {
  const shell = (id: string): Action => ({
    type: 'run',
    argv: ['sh', '-ec', `test ${id} != ${failing}; echo ${id} >> ${work}/done`],
  });
  const steps = [
    step('table:disk0', 'write the table', shell('table:disk0')),
    step('make:disk0:3', 'make ext4 file system for /home', shell('make:disk0:3')),
    step('extract:disk0:1', 'extract /: 1 GB, 7 files', shell('extract:disk0:1')),
    step('extract:disk0:3', 'extract /home: 1 GB, 7 files', shell('extract:disk0:3')),
    step('boot:grub', 'install GRUB for BIOS', shell('boot:grub')),
    step('log', 'copy the log', { type: 'copy-log', root: join(work, 'target') }),
  ];
  const targets = [{ source: 'disk0', disk: targetDisk({ path: '/dev/none', name: 'none' }) }];
  return { set: sampleSet, digest: digestOf(steps), targets, steps, warnings: [] };
}

async function failed(failing: string): Promise<{ engine: Engine; work: string; plan: Plan }> {
  const work = mkdtempSync(join(tmpdir(), 'skip-run-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  const engine = await openEngine(set.directory(1), work);
  const plan = planIn(work, failing);
  engine.state.plan = plan;
  engine.start(plan.digest, 'none');
  await ended(engine);
  expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK003' } });
  return { engine, work, plan };
}

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe('[C10] a step that fails and that a restore can do without', () => {
  it('is left out when its words are typed; the end says so', async () => {
    const { engine, work, plan } = await failed('boot:grub');
    expect(engine.state.skippable).toMatchObject({ step: 'boot:grub', words: 'without boot loader' });
    expect(() => engine.skipStep('boot:grub', 'y')).toThrow(code('RK469'));
    expect(() => engine.skipStep('extract:disk0:3', 'without /home')).toThrow(code('RK470'));
    expect(engine.state.phase).toBe('failed');
    engine.skipStep('boot:grub', 'without boot loader');
    expect(() => engine.skipStep('boot:grub', 'without boot loader')).toThrow(code('RK457'));
    await ended(engine);
    expect(engine.state).toMatchObject({
      phase: 'restored',
      skippable: null,
      skipped: [
        { step: 'boot:grub', title: 'install GRUB for BIOS', consequence: expect.stringContaining('not start') },
      ],
    });
    expect(engine.state.progress?.steps.map(({ status }) => status)).toEqual([
      ...Array(4).fill('done'),
      'skipped',
      'done',
    ]);
    expect(newestLines().at(-1)).toContain('but what was left out with consent (install GRUB for BIOS)');
    const kept = readJournal(join(work, 'target/var/log/rekindle/journal.jsonl'));
    expect(kept).toContainEqual(expect.objectContaining({ step: 'boot:grub', state: 'skipped', plan: plan.digest }));
  });

  it('is still left out, and still said, after the engine was started again', async () => {
    const { engine, work, plan } = await failed('extract:disk0:3');
    engine.state.plan = plan;
    rmSync(join(work, 'log'));
    engine.skipStep('extract:disk0:3', 'without /home');
    await ended(engine);
    // The log cannot be copied: there is none.
    expect(engine.state).toMatchObject({ phase: 'failed', skippable: { step: 'log' } });
    expect(readFileSync(join(work, 'done'), 'utf8')).not.toContain('extract:disk0:3');
    const second = await openEngine(set.directory(1), work);
    expect(second.state).toMatchObject({ phase: 'failed', continueAt: 'copy the log' });
    second.continueRestore();
    await ended(second);
    expect(second.state).toMatchObject({ phase: 'restored', skipped: [{ step: 'extract:disk0:3' }] });
  });

  it('is never the root file system, nor a partition table', async () => {
    for (const id of ['extract:disk0:1', 'table:disk0']) {
      const { engine, work } = await failed(id);
      expect(engine.state.skippable).toBeNull();
      for (const words of ['without /', 'without ', ''])
        expect(() => engine.skipStep(id, words)).toThrow(code('RK470'));
      expect(existsSync(join(work, 'target'))).toBe(false);
    }
  });
});

describe('[C10] what can be left out of a real plan', () => {
  it('is said for each of its steps; nothing that others stand on is among them', () => {
    const layout = biosGptMachine();
    const here = { firmware: 'bios' as const, bootEntries: [], partitionIds: [] };
    const targets = [{ source: 'disk0', disk: targetDisk() }];
    const plan = planRestore({ set: setOf(layout), manifest: manifestOf(layout), layout, targets, here });
    const words = new Map(plan.steps.map((each) => [each.id, skippableStep(each)?.words]));
    const possible = [...words].filter(([, typed]) => typed !== undefined).map(([id]) => id);
    expect(possible.filter((id) => /^(check|wipe|table|make|mount|unmount|finish|release|rehearse)/.test(id))).toEqual(
      [],
    );
    expect(possible).toEqual(expect.arrayContaining(['boot:grub', 'prove', 'log']));
    for (const [id, typed] of words) if (id.startsWith('extract:')) expect(typed).not.toBe('without /');
  });

  it('takes the inode flags of files along that are not there', () => {
    const flags = step('flags:disk0:3', 'set inode flags', { type: 'inode-flags', archive: '002-home', at: '/x' });
    const extract = step('extract:disk0:3', 'extract /home: 1 GB, 7 files', {
      type: 'extract',
      archive: '002-home',
      at: '/x',
      device: '/dev/vda3',
    });
    const plan: Plan = { set: sampleSet, digest: '', targets: [], warnings: [], steps: [extract, flags] };
    expect(stepsToSkip(plan, extract.id)).toEqual(['extract:disk0:3', 'flags:disk0:3']);
    expect(stepsToSkip(plan, flags.id)).toEqual(['flags:disk0:3']);
  });
});
