import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../../common/run.ts';

const root = join(import.meta.dirname, '../../..');
const tiers = join(root, 'dev/test/tiers.ts');

/** In a process of its own: what a tier prints, failures that are meant among it, stays out of the report of these tests. */
async function tally(call: string) {
  const script = `import * as tiers from ${JSON.stringify(tiers)}; console.log(JSON.stringify(await tiers.${call}));`;
  const { stdout } = await run([process.execPath, '--input-type=module', '--eval', script]);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

async function runTests(source: string) {
  const directory = await mkdtemp(join(tmpdir(), 'rekindle-tiers-'));
  try {
    await writeFile(join(directory, 'sample.test.mjs'), source);
    return await tally(`runVitestTier('sample', ['--root', '${directory}'], '${root}')`);
  } finally {
    await rm(directory, { recursive: true });
  }
}

it('a tier names each test that failed, and why, on one line', async () => {
  const sample = await runTests(`
    import { describe, expect, it } from 'vitest';
    describe('a group', () => {
      it('holds', () => { expect(1).toBe(1); });
      it('fails', () => { throw new Error('of its own\\nand more'); });
    });`);
  expect(sample).toMatchObject({ passed: 1, failed: 1 });
  expect(sample.failures).toEqual([expect.stringMatching(/sample\.test\.mjs > a group fails: Error: of its own$/)]);
});

it('a tier names a file of tests that could not be loaded', async () => {
  const sample = await runTests("import './not-there.mjs';");
  expect(sample).toMatchObject({ passed: 0, failed: 1 });
  expect(sample.failures).toEqual([expect.stringMatching(/sample\.test\.mjs: .*not-there/)]);
});

it('a tier that is a command counts once, and says how it ended', async () => {
  expect(await tally(`runCommandTier('good', ['true'], '${root}')`)).toEqual({
    passed: 1,
    failed: 0,
    skipped: 0,
    failures: [],
  });
  expect(await tally(`runCommandTier('bad', ['false'], '${root}')`)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
    failures: ['false: exit 1'],
  });
});

it('a tier runs in the environment that it is given, another time zone for one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rekindle-tiers-'));
  try {
    await writeFile(
      join(directory, 'sample.test.mjs'),
      `import { expect, it } from 'vitest';
       it('is there', () => expect(new Date(1e12).getTimezoneOffset()).toBe(-840));`,
    );
    const zone = "{ TZ: 'Pacific/Kiritimati' }";
    const sample = await tally(`runVitestTier('sample', ['--root', '${directory}'], '${root}', ${zone})`);
    expect(sample).toMatchObject({ passed: 1, failed: 0 });
  } finally {
    await rm(directory, { recursive: true });
  }
});
