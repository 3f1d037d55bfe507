import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, Machine } from '../harness/machine.ts';
import { type Console, patience, rebootThrough, serialConsole, startRestore } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

/** Where the plug is pulled: so many steps done, or so far into all files. */
type Moment = { steps: number } | { percent: number };

const shares = [8, 25, 45, 65, 85];
/** More than any plan here has. */
const manySteps = 40;

/** The machine is switched off again and again; each time it goes on, or begins anew where nothing could be kept. */
describe('[C10] power cuts', () => {
  let saved: Saved;
  let work = '';
  let target = '';
  let boots = 0;

  beforeAll(async () => {
    saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    target = await blankDisk(join(work, 'target.img'), `${shapes.mbr.sizeMiB}M`);
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  async function withMachine<T>(use: (machine: Machine, screen: Console) => Promise<T>): Promise<T> {
    boots += 1;
    const machine = await Machine.start({
      name: `power-cut-${boots}`,
      boot: 'cdrom',
      cdrom: saved.medium,
      disks: [{ file: target, serial: 'TARGET01' }],
      memory: 1024,
    });
    try {
      return await use(machine, serialConsole(machine));
    } finally {
      await machine.close();
    }
  }

  /** Goes on where that is offered, else begins. Says which. */
  async function getGoing(screen: Console): Promise<'continued' | 'begun'> {
    // Before it is checked, all disks were looked at for a restore that was interrupted.
    const shown = await screen.expect(/The restore stopped|checking the medium|medium was checked/, patience.boot);
    if (!shown.includes('The restore stopped')) {
      await startRestore(screen, 'vda');
      return 'begun';
    }
    expect(shown).toContain('RK468');
    await screen.type('c');
    await screen.expect(/y or any other key/, 30);
    await screen.type('y');
    await screen.expect(/Restoring |Restored\./, patience.verify);
    return 'continued';
  }

  /** Gives the plan's number of steps, and whether it ended before the moment came. */
  async function waitFor(screen: Console, moment: Moment): Promise<{ total: number; ended: boolean }> {
    const done = /(\d+) of (\d+) - (\d+)%/;
    for (;;) {
      const shown = await screen.expect(/\d+ of \d+ - \d+%|Restored\.|The restore stopped/, patience.restore);
      if (shown.includes('The restore stopped')) throw new Error(`the restore stopped:\n${shown}`);
      if (shown.includes('Restored.')) return { total: 0, ended: true };
      const [, steps, total, percent] = (done.exec(shown) ?? []).map(Number);
      const reached = 'steps' in moment ? (steps ?? 0) >= moment.steps : (percent ?? 0) >= moment.percent;
      if (reached) return { total: total ?? 0, ended: false };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Pulls the plug at that moment. Gives how it had begun and how many steps the plan has. */
  async function cut(moment: Moment): Promise<{ how: 'continued' | 'begun'; total: number }> {
    return withMachine(async (_machine, screen) => {
      const how = await getGoing(screen);
      const { total, ended } = await waitFor(screen, moment);
      console.log(`${JSON.stringify(moment)}: ${how}, ${ended ? 'came to its end' : 'cut'}`);
      return { how, total };
    });
  }

  it('five times inside the extraction', async () => {
    for (const percent of shares) await cut({ percent });
  });

  it('after each step in turn, from a blank disk on', async () => {
    await blankDisk(target, `${shapes.mbr.sizeMiB}M`);
    const hows: string[] = [];
    let total = manySteps;
    for (let steps = 1; steps < total; steps += 1) {
      const result = await cut({ steps });
      hows.push(result.how);
      if (result.total > 0) total = result.total;
    }
    // Before the root file system is filled nothing can be kept; from then on it goes on each time.
    expect(hows[0]).toBe('begun');
    expect(hows.slice(hows.indexOf('continued'))).not.toContain('begun');
    expect(hows.filter((how) => how === 'continued').length).toBeGreaterThan(2);
  });

  it('[C15] and the same machine comes back', async () => {
    await withMachine(async (machine, screen) => {
      await getGoing(screen);
      expect((await waitFor(screen, { steps: manySteps })).ended).toBe(true);
      await rebootThrough(screen, machine);
    });
    await expectSame(saved.disk, target);
  });

  it('boots to its login prompt', async () => {
    await expectBoots({ name: 'boot-power-cuts', disks: [{ file: target, serial: 'TARGET01' }] });
  });
});
