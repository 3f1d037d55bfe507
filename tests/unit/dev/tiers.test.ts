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
    reports: [],
  });
  expect(await tally(`runCommandTier('bad', ['false'], '${root}')`)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
    failures: ['false: exit 1'],
    reports: [],
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

const row = join(root, 'tests/vm/scenario/reported.ts');

it('a row that reports fails nothing, passes nothing that did not hold, and says why', async () => {
  const sample = await runTests(`
    import { describe, expect, it } from 'vitest';
    import { reportedRow } from ${JSON.stringify(row)};
    describe('sid', () => {
      const row = reportedRow('sid');
      row.prepare(async () => {}, 1);
      row.step('is made', async () => {}, 1);
      row.step('is the same', async () => expect(['/etc/x']).toEqual([]), 1);
      row.step('boots', async () => { throw new Error('never run'); }, 1);
    });
    it('another test', () => {});
    it('a test that is left out', ({ skip }) => skip());`);
  expect(sample).toMatchObject({ passed: 2, failed: 0, skipped: 3, failures: [] });
  expect(sample.reports).toEqual([
    expect.stringMatching(
      /sample\.test\.mjs > sid is the same: sid: is the same: AssertionError: expected \[ '\/etc\/x' \]/,
    ),
    expect.stringMatching(/sample\.test\.mjs > sid boots: sid: is the same: AssertionError/),
  ]);
});

it('a row that reports does so for each of its tests when it cannot even be prepared', async () => {
  const sample = await runTests(`
    import { reportedRow } from ${JSON.stringify(row)};
    const row = reportedRow('sid');
    row.prepare(async () => { throw new Error('exit 100: a package cannot be installed\\nand more'); }, 1);
    row.step('is made', async () => {}, 1);
    row.step('boots', async () => {}, 1);`);
  expect(sample).toMatchObject({ passed: 0, failed: 0, skipped: 2 });
  expect(sample.reports).toHaveLength(2);
  expect(sample.reports[0]).toMatch(/is made: sid: to prepare it: Error: exit 100: a package cannot be installed$/);
});

it('a row that reports ends before the limit that would make it fail', async () => {
  const sample = await runTests(`
    import { reportedRow } from ${JSON.stringify(row)};
    const row = reportedRow('sid');
    row.step('waits for what never comes', () => new Promise((resolve) => setTimeout(resolve, 1e9)), 0.02);`);
  expect(sample).toMatchObject({ passed: 0, failed: 0, skipped: 1 });
  expect(sample.reports[0]).toMatch(/not done after 0\.02 minutes/);
});

it('the closing lines name what was reported beside what failed, and reports alone are no failure', async () => {
  const tallies = (failed: number, failures: string[]): string =>
    JSON.stringify([{ passed: 3, failed, skipped: 2, failures, reports: ['sid.test.ts > boots: no kernel'] }]);
  const said = async (words: string) => {
    const script = `import { sayTally } from ${JSON.stringify(tiers)}; process.exit(sayTally(${words}));`;
    return run([process.execPath, '--input-type=module', '--eval', script], { okExit: [0, 1] });
  };
  const good = await said(tallies(0, []));
  expect(good.exitCode).toBe(0);
  expect(good.stdout).toBe(
    'Reported, which fails nothing:\n  sid.test.ts > boots: no kernel\n3 passed, 0 failed, 2 skipped (1 of them reported)\n',
  );
  expect((await said(tallies(1, ['other.test.ts: Error']))).exitCode).toBe(1);
});
