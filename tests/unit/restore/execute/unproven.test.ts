import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActionContext } from '../../../../restore/execute/action-context.ts';
import type { Engine } from '../../../../restore/execute/engine.ts';
import { newestLines } from '../../../../restore/execute/log.ts';
import { mountUnproven } from '../../../../restore/execute/mount-unproven.ts';
import { proveRestored } from '../../../../restore/execute/prove-restored.ts';
import { Unattended } from '../../../../restore/execute/unattended.ts';
import type { Plan } from '../../../../restore/plan/step.ts';
import { goodProof, idle, plan, target } from '../../../tui/states.ts';

const step = { title: '', target: '', destroys: null, weightBytes: 0 };
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
  await new Unattended({
    engine,
    medium: work,
    answerPath: 'answer.toml',
    power,
    lookForMarker: async () => null,
  }).run();
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

describe('[C11] [C15] what failed its proof', () => {
  const failing = goodProof.map((each) => ({ ...each, result: 'fail' as const }));
  const withMount = (argv: [string, ...string[]]): Plan => ({
    ...plan,
    steps: [{ ...step, id: 'mount:target', actions: [{ type: 'run', argv }] }],
    reopen: {
      steps: [{ ...step, id: 'open:group:vg0', actions: [{ type: 'run', argv: ['touch', open()] }] }],
      secrets: [],
    },
  });
  const open = (): string => join(work, 'opened');
  // No step here needs more of it.
  const context = {} as ActionContext;

  it('is opened and mounted for a person; nothing is where all was proven', async () => {
    const mounting = withMount(['test', '-e', open()]);
    expect(await mountUnproven(mounting, goodProof, context)).toBe(false);
    expect(existsSync(open())).toBe(false);
    expect(await mountUnproven(mounting, failing, context)).toBe(true);
  });

  it('is said not to be mounted when that fails: the restore itself has ended well', async () => {
    expect(await mountUnproven(withMount(['false']), failing, context)).toBe(false);
    expect(newestLines().at(-1)).toContain('the restored machine is not mounted for you: false');
  });
});
