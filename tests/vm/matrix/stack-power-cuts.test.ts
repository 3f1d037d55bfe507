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
  expectRefused,
  expectSameStack,
  restoreStack,
  type SavedStack,
  savedStack,
} from '../scenario/stacks.ts';
import type { StackName } from '../sources/stack-image.ts';

interface Progress {
  steps: number;
  total: number;
  percent: number;
}

/** Where the plug is pulled: so far into all files, or so many steps before the end. */
type Moment = { percent: number } | { left: number };

interface Cuts {
  name: StackName;
  title: string;
  /** Each with what the start after it does. */
  cuts: readonly (Moment & { next: 'begins anew' | 'goes on' })[];
}

const machines: readonly Cuts[] = [
  {
    name: 'luks',
    title: 'LVM on LUKS2, remembered in /boot',
    cuts: [
      { percent: 20, next: 'goes on' },
      { percent: 45, next: 'goes on' },
      { percent: 70, next: 'goes on' },
      { percent: 90, next: 'goes on' },
      { left: 4, next: 'goes on' },
    ],
  },
  {
    name: 'f2fs',
    title: 'f2fs, remembered in / once that is filled',
    cuts: [
      { percent: 50, next: 'begins anew' },
      { left: 7, next: 'goes on' },
      { left: 3, next: 'goes on' },
    ],
  },
];

async function progressOf(machine: Machine): Promise<Progress> {
  const ended = /\d+ of \d+ - \d+%|Restored\.|RK(?!468)\d+/;
  const shown = await machine.expectScreen(ended, patience.restore);
  const [, steps, total, percent] = (/(\d+) of (\d+) - (\d+)%/.exec(shown) ?? []).map(Number);
  if (steps === undefined || total === undefined || percent === undefined)
    throw new Error(`no restore goes on:\n${shown}`);
  return { steps, total, percent };
}

function isReached({ steps, total, percent }: Progress, moment: Moment): boolean {
  return 'percent' in moment ? percent >= moment.percent : total - steps <= moment.left;
}

/** Restored by an answer file: each time it is switched on again it looks for the restore, opens what there is, and goes on by itself. */
for (const { name, title, cuts } of machines)
  describe(`[C10] [C14] power cuts: ${title} (${name})`, () => {
    let saved: SavedStack;
    let work = '';
    let targets: Disk[] = [];

    beforeAll(async () => {
      saved = await savedStack(name);
      work = await mkdtemp(join(cacheDirectory, 'run-'));
      targets = await blankTargets(saved, work);
    }, 90 * 60_000);
    afterAll(() => rm(work, { recursive: true, force: true }));

    function expectStart(first: Progress, index: number): void {
      const how = index === 0 ? 'begins anew' : cuts[index - 1]?.next;
      if (how === 'begins anew') expect(first.steps).toBeLessThan(4);
      else expect(first.steps).toBeGreaterThan(5);
    }

    for (const [index, cut] of cuts.entries())
      it(`the plug is pulled at ${JSON.stringify(cut)}`, async () => {
        const machine = await bootRestore(saved, targets, work);
        try {
          const first = await progressOf(machine);
          let now = first;
          while (!isReached(now, cut)) {
            await sleep(50);
            now = await progressOf(machine);
          }
          console.log(`started at ${JSON.stringify(first)}, cut at ${JSON.stringify(now)}`);
          expectStart(first, index);
        } finally {
          await machine.close();
        }
      });

    it('comes to its end', async () => {
      const machine = await bootRestore(saved, targets, work);
      try {
        expectStart(await progressOf(machine), cuts.length);
      } finally {
        await machine.close();
      }
      await restoreStack(saved, targets, work);
    });

    it('[C15] and the same machine comes back', async () => {
      const images = targets.map(({ file }) => file);
      await expectSameStack(saved, images, work);
    });

    it('[C6] is not restored onto the same disks again by the medium that was left in the drive', async () => {
      await expectRefused(saved, targets, work);
    });

    it('boots to its login prompt', async () => {
      const { firmware, memory, passphrase } = saved.shape;
      await expectBoots({ name: `boot-${name}-power-cuts`, firmware, memory, disks: targets }, passphrase);
    });
  });
