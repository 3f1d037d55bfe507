import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../../common/run.ts';
import { deviceNames } from '../../../../restore/plan/devices.ts';
import { digestOf } from '../../../../restore/plan/digest.ts';
import { namesStep } from '../../../../restore/plan/prepare.ts';
import { prelude } from '../../../../restore/plan/script/prelude.ts';
import { planStack } from '../../../../restore/plan/stack.ts';
import type { Action, Plan } from '../../../../restore/plan/step.ts';
import { ended, openEngine } from '../../../fixtures/interrupted.ts';
import { makeSmallSet, sampleSet } from '../../../fixtures/small-set.ts';
import { targetDisk } from '../plan/machines.ts';
import { stacks } from '../plan/random-stacks.ts';

/** A block device that somebody else's array could be. */
async function somebodysDevice(work: string): Promise<string> {
  await run(['truncate', '-s', '1M', join(work, 'image')]);
  const device = (await run(['losetup', '--show', '-f', join(work, 'image')])).stdout.trim();
  onTestFinished(async () => void (await run(['losetup', '-d', device])));
  return device;
}

function folder(): string {
  const work = mkdtempSync(join(tmpdir(), 'names-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  return work;
}

describe('[C3] a name that another disk has', () => {
  it('stops the restore before anything is wiped (RK428)', async () => {
    const work = folder();
    mkdirSync(join(work, 'source'));
    writeFileSync(join(work, 'source/file'), 'content');
    const set = await makeSmallSet({
      work,
      trees: [{ source: join(work, 'source'), mountPoint: '/', node: 'disk0:1' }],
    });
    const device = await somebodysDevice(work);
    const actions: Action[][] = [
      [{ type: 'assert-free', devices: ['/dev/mapper/not-there', device] }],
      [{ type: 'run', argv: ['touch', join(work, 'wiped')] }],
    ];
    const steps = actions.map((each, index) => {
      const id = index === 0 ? 'names' : 'wipe:disk0';
      return { id, title: id, target: '', destroys: null, weightBytes: 0, actions: each };
    });
    const targets = [{ source: 'disk0', disk: targetDisk({ path: '/dev/none', name: 'none' }) }];
    const plan: Plan = { set: sampleSet, digest: digestOf(steps), targets, steps, warnings: [] };
    const engine = await openEngine(set.directory(1), work);
    engine.state.plan = plan;
    engine.start(plan.digest, 'none');
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK428', cause: device } });
    await expect(run(['test', '!', '-e', join(work, 'wiped')])).resolves.toBeTruthy();
  });

  it('stops the script of a plan, too', async () => {
    const device = await somebodysDevice(folder());
    const script = (names: string): string => `set -e\n${prelude}\nassert_free ${names}\necho free`;
    expect((await run(['sh', '-c', script('/dev/mapper/not-there')])).stdout).toBe('free\n');
    await expect(run(['sh', '-c', script(`/dev/mapper/not-there ${device}`)])).rejects.toThrow(
      expect.objectContaining({ reason: expect.stringContaining(`${device} is there already`) }),
    );
  });

  it('is looked for before the first wipe, for everything that a stack makes', () => {
    fc.assert(
      fc.property(stacks, (layout) => {
        const assignments = layout.disks.map((saved, index) => ({
          saved,
          disk: targetDisk({ path: `/dev/vd${String.fromCharCode(97 + index)}` }),
          table: null,
        }));
        const devices = deviceNames(layout, assignments);
        const [action] = namesStep(planStack(layout, devices, null).steps)?.actions ?? [];
        const made = layout.nodes.filter(({ origin }) => !['disk', 'partition'].includes(origin.type));
        expect(action?.type === 'assert-free' ? action.devices.toSorted() : []).toEqual(
          made.map(({ id }) => devices.get(id)).toSorted(),
        );
      }),
    );
  });
});
