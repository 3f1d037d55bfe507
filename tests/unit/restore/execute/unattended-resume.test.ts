import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../../restore/execute/engine.ts';
import { Unattended } from '../../../../restore/execute/unattended.ts';
import type { TargetDisk } from '../../../../restore/plan/step.ts';
import { goodProof, idle, plan, target } from '../../../tui/states.ts';

let work = '';
function answer(afterwards: 'poweroff' | 'reboot'): void {
  const text = `afterwards = "${afterwards}"\ncountdown = 0\n[[disk]]\nsource = "disk0"\nserial = "2303A8"\n`;
  writeFileSync(join(work, 'answer.toml'), text);
}
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-unattended-'));
  answer('poweroff');
});
afterEach(() => rmSync(work, { recursive: true }));

/** What is asked of an engine that found a restore onto `plan`'s disk which a power cut had ended. */
async function afterPowerCut(here: TargetDisk[], marker: string | null): Promise<string[]> {
  const asked: string[] = [];
  const state = { ...structuredClone(idle), phase: 'failed' as const, plan, continueAt: 'extract /' };
  const restored = (how: string) => (): void => {
    asked.push(how);
    Object.assign(state, { phase: 'restored', proof: goodProof });
  };
  const engine = {
    state,
    set: { info: { set: plan.set } },
    changed: () => undefined,
    listDisks: async () => here,
    findSets: async () => undefined,
    plan: async () => plan,
    start: restored('start'),
    continueRestore: restored('continue'),
  } as unknown as Engine;
  const power = (action: string): void => void asked.push(action);
  const lookForMarker = async (): Promise<string | null> => marker;
  await new Unattended({ engine, medium: work, answerPath: 'answer.toml', power, lookForMarker }).run();
  return [...asked, ...state.warnings, ...(state.problem === null ? [] : [state.problem.code])];
}

describe('[C10] [C11] an unattended restore that a power cut ended', () => {
  it('goes on where the answer file means the same disk, although that holds the mark of this set', async () => {
    expect(await afterPowerCut([target], plan.set)).toEqual(['continue', 'poweroff']);
  });

  it('begins anew where it means another one', async () => {
    const other = { ...target, path: '/dev/vdb', name: 'vdb' };
    expect(await afterPowerCut([{ ...target, serial: 'another' }, other], null)).toEqual(['start', 'poweroff']);
  });
});

describe('[C14] an unattended restore', () => {
  it('restarts a machine on whose disk the next start of its medium will see that it was restored', async () => {
    answer('reboot');
    expect(await afterPowerCut([target], plan.set)).toEqual(['continue', 'reboot']);
  });

  it('restarts no machine that a medium left in the drive would restore again', async () => {
    answer('reboot');
    for (const marker of [null, '99999999-2222-4333-8444-555555555555'])
      expect(await afterPowerCut([target], marker)).toEqual(['continue', expect.stringMatching(/^Not restarted/)]);
  });

  it('writes onto no disk that its set was restored onto before', async () => {
    const other = { ...target, path: '/dev/vdb', name: 'vdb' };
    // Another disk than the one of the restore that was interrupted: it would begin there.
    expect(await afterPowerCut([{ ...target, serial: 'another' }, other], plan.set)).toEqual(['RK461']);
  });
});
