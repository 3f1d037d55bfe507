import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as z from 'zod';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** A line for each failure: what failed, and the first line of why. */
  failures: string[];
  /** A line for each of the skipped that would have failed, in a row that reports instead. */
  reports: string[];
}

const vitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numFailedTestSuites: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      status: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullable(),
          meta: z.object({ reported: z.string().optional() }).optional(),
        }),
      ),
    }),
  ),
});

/** One line for each test that failed, and for each file that could not even be loaded. */
function failuresOf(report: z.infer<typeof vitestReport>, root: string): string[] {
  return report.testResults.flatMap((file) => {
    const name = relative(root, file.name);
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && file.status === 'failed') return [`${name}: ${firstLine(file.message)}`];
    return failed.map((test) => `${name} > ${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? '')}`);
  });
}

/** One line for each test that reported what stopped it. */
function reportsOf(report: z.infer<typeof vitestReport>, root: string): string[] {
  return report.testResults.flatMap((file) =>
    file.assertionResults.flatMap(({ fullName, meta }) =>
      meta?.reported === undefined ? [] : [`${relative(root, file.name)} > ${fullName}: ${firstLine(meta.reported)}`],
    ),
  );
}

function firstLine(message: string): string {
  return stripVTControlCharacters(message).split('\n', 1)[0]?.slice(0, 300) ?? '';
}

type Environment = Readonly<Record<string, string>>;

function runInherited(argv: readonly string[], cwd: string, environment: Environment = {}): Promise<number> {
  const [file = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** The closing lines, what failed last of all where it is read first: the reports of each tier are thousands of lines above. @returns exit code */
export function sayTally(tallies: readonly Tally[]): number {
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  const [passed, failed, skipped] = [
    sum((each) => each.passed),
    sum((each) => each.failed),
    sum((each) => each.skipped),
  ];
  const [failures, reports] = [tallies.flatMap((tally) => tally.failures), tallies.flatMap((tally) => tally.reports)];
  if (reports.length > 0)
    console.log(['Reported, which fails nothing:', ...reports.map((line) => `  ${line}`)].join('\n'));
  if (failures.length > 0) console.log(['Failed:', ...failures.map((line) => `  ${line}`)].join('\n'));
  console.log(
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}${reports.length > 0 ? ` (${reports.length} of them reported)` : ''}`,
  );
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** A tier that is one command: it counts as one test. */
export async function runCommandTier(name: string, argv: readonly string[], root: string): Promise<Tally> {
  const started = Date.now();
  const code = await runInherited(argv, root);
  console.log(
    `== ${name}: ${code === 0 ? 'passed' : `FAILED (exit ${code})`}, ${Math.round((Date.now() - started) / 1000)} s`,
  );
  const failures = code === 0 ? [] : [`${argv.join(' ')}: exit ${code}`];
  return { passed: 1 - failures.length, failed: failures.length, skipped: 0, failures, reports: [] };
}

/**
 * A tier of vitest tests; a run that cannot even load its files counts as failed.
 * @param environment variables beside the process's own
 */
export async function runVitestTier(
  name: string,
  args: readonly string[],
  root: string,
  environment: Environment = {},
): Promise<Tally> {
  const directory = await mkdtemp(join(tmpdir(), 'rekindle-tier-'));
  const report = join(directory, 'report.json');
  const started = Date.now();
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const code = await runInherited(
      [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        vitest,
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...args,
      ],
      root,
      environment,
    );
    const counts = vitestReport.parse(JSON.parse(await readFile(report, 'utf8')));
    const failed =
      counts.numFailedTests > 0 ? counts.numFailedTests : code === 0 ? 0 : Math.max(1, counts.numFailedTestSuites);
    console.log(
      `== ${name}: ${counts.numPassedTests} passed, ${failed} failed, ${Math.round((Date.now() - started) / 1000)} s`,
    );
    const failures = failuresOf(counts, root);
    if (failures.length === 0 && failed > 0) failures.push(`${name}: vitest exit ${code}`);
    return {
      passed: counts.numPassedTests,
      failed,
      skipped: counts.numPendingTests,
      failures,
      reports: reportsOf(counts, root),
    };
  } catch (error) {
    const why = `${name}: FAILED to run: ${error instanceof Error ? error.message : String(error)}`;
    console.log(`== ${why}`);
    return { passed: 0, failed: 1, skipped: 0, failures: [why], reports: [] };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
