import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../../restore/execute/engine.ts';
import { newestLines } from '../../../../restore/execute/log.ts';
import { proveRestored } from '../../../../restore/execute/prove-restored.ts';
import { Unattended } from '../../../../restore/execute/unattended.ts';
import { goodProof, idle, plan, target } from '../../../tui/states.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-unproven-'));
  writeFileSync(
    join(work, 'answer.toml'),
    'afterwards = "poweroff"\ncountdown = 0\n[[disk]]\nsource = "disk0"\nserial = "2303A8"\n',
  );
});
afterEach(() => rmSync(work, { recursive: true }));

/** An engine whose restore ends at once with this proof; which actions were asked of the machine. */
async function restoreAlone(proof: typeof goodProof): Promise<string[]> {
  const powers: string[] = [];
  const state = structuredClone(idle);
  const engine = {
    state,
    set: { info: { set: plan.set } },
    changed: () => undefined,
    listDisks: async () => [target],
    findSets: async () => undefined,
    plan: async () => plan,
    start: () => {
      state.phase = 'restored';
      state.proof = proof;
    },
  } as unknown as Engine;
  const power = (action: string): void => void powers.push(action);
  await new Unattended({ engine, medium: work, answerPath: 'answer.toml', power }).run();
  expect(state.problem).toBeNull();
  return powers;
}

describe('[C11] [C14] an unattended restore', () => {
  it('does what the answer file says when the system was proven', async () => {
    expect(await restoreAlone(goodProof)).toEqual(['poweroff']);
  });

  it('stays on when anything failed its proof, and says what', async () => {
    const [first, ...others] = goodProof;
    if (first === undefined) throw new Error('no proof');
    expect(await restoreAlone([{ ...first, result: 'fail', hint: 'Do something.' }, ...others])).toEqual([]);
    expect(newestLines().at(-1)).toContain('could not be proven that the boot loader is for');
  });
});

describe('[C11] [C15] a proof that cannot be made', () => {
  it('is no success: nobody could tell', async () => {
    const proofs = await proveRestored({ type: 'prove', root: work, disks: ['/dev/none'] });
    expect(proofs).toMatchObject([{ result: 'cannot-tell', detail: expect.stringContaining(work) }]);
  });
});
