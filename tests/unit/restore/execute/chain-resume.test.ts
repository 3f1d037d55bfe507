import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Journal, keepPlan } from '../../../../restore/execute/journal.ts';
import { digestOf } from '../../../../restore/plan/digest.ts';
import type { Step } from '../../../../restore/plan/step.ts';
import { mounted, setId } from '../../../fixtures/chain-of-sets.ts';
import { ended, openEngine } from '../../../fixtures/interrupted.ts';
import { twoSmallSets } from '../../../fixtures/two-small-sets.ts';
import { targetDisk } from '../plan/machines.ts';

it('[C10] [B10] a restore of changes that goes on in a new engine asks for the full set first', async () => {
  const work = mkdtempSync(join(tmpdir(), 'chain-resume-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  const [full = '', changes = ''] = (await twoSmallSets(work)).directories;
  const steps: Step[] = ['boot:grub', 'log:none'].map((id) => ({
    ...{ id, title: id, target: '', destroys: null, weightBytes: 0 },
    actions: [{ type: 'run', argv: ['touch', join(work, id)] }],
  }));
  const digest = digestOf(steps);
  const targets = [{ source: 'disk0', disk: targetDisk({ path: '/dev/none', name: 'none' }) }];
  const journal = new Journal(join(work, 'journal'));
  keepPlan(journal.path, { set: setId(1), digest, targets, steps, warnings: [] });
  journal.write(digest, 'restore', 'begin');
  journal.write(digest, 'boot:grub', 'begin');
  const engine = await openEngine(changes, work);
  expect(engine.state).toMatchObject({ phase: 'failed', continueAt: 'boot:grub' });
  engine.continueRestore();
  while (engine.state.wanted === null) await sleep(50);
  expect(engine.state.wanted.what).toBe('the full set of web01 made 2026-11-20');
  expect(existsSync(join(work, 'boot:grub'))).toBe(false);
  cpSync(full, join(work, 'stick/rekindle', setId(0)), { recursive: true });
  await mounted(join(work, 'stick'), join(work, 'put-in'), ['--bind']);
  while (engine.state.phase === 'failed') await sleep(50);
  await ended(engine);
  expect(engine.state).toMatchObject({ phase: 'restored', failure: null });
  expect(existsSync(join(work, 'log:none'))).toBe(true);
});
