import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { cacheDirectory } from '../harness/cache.ts';
import { sabotages } from '../oracle/every.ts';
import { breakAndProve, reachesLogin } from '../oracle/judge.ts';
import { randomSabotages } from '../oracle/random.ts';
import type { Sabotage } from '../oracle/sabotage.ts';
import { sourceImage } from '../sources/image.ts';
import { shapes } from '../sources/shapes.ts';

const seed = Number(process.env.REKINDLE_ORACLE_SEED ?? 1);
const untouched: Sabotage = { name: 'nothing at all', apply: async () => undefined };

/** Booting knows the truth: what the proof calls good must reach its login, what it calls bad must not. */
describe('[C11] the proof against booting', () => {
  let work = '';
  let source = '';

  beforeAll(async () => {
    source = await sourceImage(shapes.mbr, 2000);
    work = await mkdtemp(join(cacheDirectory, 'run-'));
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  it.each([untouched, ...sabotages, ...randomSabotages(seed, 20)])('$name', async (sabotage) => {
    const { name, reviewed, unknown } = sabotage;
    const image = join(work, 'disk.img');
    await run(['cp', '--sparse=always', source, image]);
    const proofs = await breakAndProve(image, shapes.mbr, sabotage);
    const of = (wanted: string) => proofs.filter(({ result, stopsBoot }) => result === wanted && stopsBoot);
    const failed = of('fail');
    const open = of('cannot-tell');
    const boots = await reachesLogin(image, `oracle-${name.replaceAll(/\W+/g, '-').slice(0, 60)}`);
    const words = failed.map(({ id, detail }) => `${id}: ${detail}`).join('; ');
    console.log(
      `${name}: ${boots ? 'boots' : 'does not boot'}; the proof ${words === '' ? 'finds nothing' : `says ${words}`}`,
    );
    if (unknown !== undefined) expect([...failed, ...open].map(({ id }) => id)).toEqual([unknown]);
    else if (reviewed === undefined) expect(boots, words || 'the proof found nothing').toBe(failed.length === 0);
  });
});
