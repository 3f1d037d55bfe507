import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const vitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numFailedTestSuites: z.int(),
});

function runInherited(argv: readonly string[], cwd: string): Promise<number> {
  const [file = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** A tier that is one command: it counts as one test. */
export async function runCommandTier(name: string, argv: readonly string[], root: string): Promise<Tally> {
  const started = Date.now();
  const code = await runInherited(argv, root);
  console.log(
    `== ${name}: ${code === 0 ? 'passed' : `FAILED (exit ${code})`}, ${Math.round((Date.now() - started) / 1000)} s`,
  );
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** A tier of vitest tests; a run that cannot even load its files counts as failed. */
export async function runVitestTier(name: string, args: readonly string[], root: string): Promise<Tally> {
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
    );
    const counts = vitestReport.parse(JSON.parse(await readFile(report, 'utf8')));
    const failed =
      counts.numFailedTests > 0 ? counts.numFailedTests : code === 0 ? 0 : Math.max(1, counts.numFailedTestSuites);
    console.log(
      `== ${name}: ${counts.numPassedTests} passed, ${failed} failed, ${Math.round((Date.now() - started) / 1000)} s`,
    );
    return { passed: counts.numPassedTests, failed, skipped: counts.numPendingTests };
  } catch (error) {
    console.log(`== ${name}: FAILED to run: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
