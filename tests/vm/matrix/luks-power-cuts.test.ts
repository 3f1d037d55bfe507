import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import type { Disk, Machine } from '../harness/machine.ts';
import { patience } from '../scenario/keys.ts';
import { expectBoots } from '../scenario/restore.ts';
import {
  blankTargets,
  bootRestore,
  expectSameStack,
  restoreStack,
  type SavedStack,
  savedStack,
} from '../scenario/stacks.ts';

interface Progress {
  steps: number;
  percent: number;
}

/** Shares of all files at which the plug is pulled. The first ones lie in /boot, where nothing is kept yet. */
const shares = [20, 45, 70, 90];

/** LVM on LUKS2, restored by an answer file: each time it is switched on again it opens what there is and goes on by itself. */
describe('[C10] [C14] power cuts on LVM on LUKS2', () => {
  let saved: SavedStack;
  let work = '';
  let targets: Disk[] = [];
  /** The first progress that each start showed. */
  const starts: Progress[] = [];

  beforeAll(async () => {
    saved = await savedStack('luks');
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    targets = await blankTargets(saved, work);
  }, 90 * 60_000);
  afterAll(() => rm(work, { recursive: true, force: true }));

  async function progressOf(machine: Machine): Promise<Progress> {
    const shown = await machine.expectScreen(/\d+ of \d+ - \d+%|Restored\.|The restore stopped/, patience.restore);
    const [, steps, percent] = (/(\d+) of \d+ - (\d+)%/.exec(shown) ?? []).map(Number);
    if (steps === undefined || percent === undefined) throw new Error(`no restore goes on:\n${shown}`);
    return { steps, percent };
  }

  for (const share of shares)
    it(`the plug is pulled at ${share}%`, async () => {
      const machine = await bootRestore(saved, targets, work);
      try {
        let now = await progressOf(machine);
        starts.push(now);
        while (now.percent < share) {
          await sleep(100);
          now = await progressOf(machine);
        }
        console.log(`started at ${JSON.stringify(starts.at(-1))}, cut at ${JSON.stringify(now)}`);
      } finally {
        await machine.close();
      }
    });

  it('it went on each time, and comes to its end', async () => {
    await restoreStack(saved, targets, work);
    expect(starts[0]?.steps).toBeLessThan(3);
    for (const { steps } of starts.slice(1)) expect(steps).toBeGreaterThan(5);
  });

  it('[C15] and the same machine comes back', async () => {
    const images = targets.map(({ file }) => file);
    await expectSameStack(saved, images, work);
  });

  it('boots to its login prompt', async () => {
    const { firmware, memory, passphrase } = saved.shape;
    await expectBoots({ name: 'boot-luks-power-cuts', firmware, memory, disks: targets }, passphrase);
  });
});
