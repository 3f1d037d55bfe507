import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { assertConsent } from '../../../../restore/execute/consent.ts';
import { executeAction } from '../../../../restore/execute/execute-action.ts';
import { initialState } from '../../../../restore/execute/initial-state.ts';
import { openLog } from '../../../../restore/execute/log.ts';
import { PlanSecrets } from '../../../../restore/execute/plan-secrets.ts';
import type { EngineState } from '../../../../restore/execute/protocol.ts';
import type { Plan } from '../../../../restore/plan/step.ts';
import { actionContext } from '../../../fixtures/action-context.ts';
import { makeSmallSet } from '../../../fixtures/small-set.ts';
import { targetDisk } from '../plan/machines.ts';

const plan: Plan = {
  ...{
    set: '11111111-2222-4333-8444-555555555555',
    digest: 'digest',
    targets: [{ source: 'disk0', disk: targetDisk() }],
    steps: [],
    warnings: [],
  },
  secrets: [
    { name: 'luks:disk0:3', title: 'new passphrase for vault (disk0:3)' },
    { name: 'luks:disk0:4', title: 'new passphrase for home (disk0:4)' },
  ],
};

describe('secrets of a plan [C3]', () => {
  it('stop a restore before it begins until all were given', async () => {
    const state: EngineState = { ...initialState(), plan };
    let changes = 0;
    const secrets = new PlanSecrets(state, () => {
      changes += 1;
    });
    await secrets.give('luks:disk0:3', 'x');
    expect(() => assertConsent(state, 'digest', 'vda')).toThrow(
      expect.objectContaining({ code: 'RK426', reason: 'new passphrase for home (disk0:4)' }),
    );
    await secrets.give('luks:disk0:4', 'y');
    expect(assertConsent(state, 'digest', 'vda')).toBe(plan);
    expect(changes).toBe(2);
    expect(JSON.stringify(state)).not.toMatch(/"[xy]"/);
    secrets.forget();
    expect(() => assertConsent(state, 'digest', 'vda')).toThrow(expect.objectContaining({ code: 'RK426' }));
  });

  it('that open what is there are tried, and one that does not is not taken', async () => {
    const work = await mkdtemp(join(tmpdir(), 'rekindle-secret-'));
    try {
      const device = join(work, 'luks.img');
      await writeFile(device, '');
      await truncate(device, 20 * 2 ** 20);
      const cost = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];
      await run(['cryptsetup', 'luksFormat', '-q', '--type', 'luks2', ...cost, '--key-file=-', device], {
        input: 'right',
      });
      const name = 'luks:disk0:3';
      const state: EngineState = {
        ...initialState(),
        plan: { ...plan, secrets: [{ name, title: '', opens: device }] },
      };
      const secrets = new PlanSecrets(state, () => undefined);
      await expect(secrets.give(name, 'wrong')).rejects.toMatchObject({ code: 'RK488', reason: device });
      expect(state.givenSecrets ?? []).toEqual([]);
      await secrets.give(name, 'right');
      expect(state.givenSecrets).toEqual([name]);
      // A volume that lies on something that is not open yet: the step that opens it will tell.
      await rm(device);
      await secrets.give(name, 'whatever');
    } finally {
      await rm(work, { recursive: true });
    }
  });

  it('reach the tool by standard input, and neither the log nor an argument', async () => {
    const work = await mkdtemp(join(tmpdir(), 'rekindle-secret-'));
    try {
      const set = await (await makeSmallSet({ work, trees: [] })).open();
      const context = actionContext(set, work);
      openLog(context.logFile, () => undefined);
      const action = { type: 'run', argv: ['dd', `of=${work}/seen`], secret: 'luks:disk0:3' } as const;
      await expect(executeAction({ ...action, argv: ['dd', `of=${work}/seen`] }, context)).rejects.toMatchObject({
        code: 'RK426',
      });
      const secrets = new Map([['luks:disk0:3', 'correct horse']]);
      await executeAction({ ...action, argv: ['dd', `of=${work}/seen`] }, { ...context, secrets });
      expect(await readFile(join(work, 'seen'), 'utf8')).toBe('correct horse');
      // As cryptsetup ends when the passphrase is wrong.
      const refusing = { ...action, argv: ['sh', '-c', 'cat > /dev/null; exit 2'] } as const;
      await expect(
        executeAction({ ...refusing, argv: [...refusing.argv] }, { ...context, secrets }),
      ).rejects.toMatchObject({ code: 'RK488' });
      const logged = await readFile(context.logFile, 'utf8');
      expect(logged).toContain('dd of=');
      expect(logged).not.toContain('correct');
    } finally {
      await rm(work, { recursive: true });
    }
  });
});
