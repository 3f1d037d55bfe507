import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'zstd-executable-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);

/** Bundled as the product is (build/bundle/esbuild.ts); `minify` also renames, which the product does not. */
async function bundled(name: string, minify: boolean): Promise<string> {
  const outfile = join(directory, `${name}-${minify}.mjs`);
  await build({
    entryPoints: [fixture(name)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    ...(minify ? { minify } : { minifySyntax: true, minifyWhitespace: true }),
    logLevel: 'error',
  });
  return outfile;
}

const sound = { same: true, damaged: 0, threads: 2 };

describe("the threads' code", () => {
  it('survives bundling and minifying', async () => {
    for (const minify of [false, true]) {
      const output = execFileSync(process.execPath, [await bundled('round-trip.ts', minify)], { encoding: 'utf8' });
      expect(JSON.parse(output)).toEqual(sound);
    }
  });

  it('runs in a single executable that has no other file', async () => {
    const config = join(directory, 'sea.json');
    const executable = join(directory, 'round-trip');
    writeFileSync(
      config,
      JSON.stringify({
        main: await bundled('round-trip.ts', false),
        mainFormat: 'module',
        executable: process.execPath,
        output: executable,
        disableExperimentalSEAWarning: true,
        useCodeCache: true,
        useSnapshot: false,
        execArgv: ['--disable-warning=ExperimentalWarning'],
        execArgvExtension: 'none',
      }),
    );
    execFileSync(process.execPath, ['--build-sea', config], { stdio: 'pipe' });
    rmSync(config);
    expect(JSON.parse(execFileSync(executable, { encoding: 'utf8', cwd: '/', env: {} }))).toEqual(sound);
  });
});

describe('memory', () => {
  it('[B7] stays below 300 MB for the whole program, however long the stream, with 2 threads and with 4', async () => {
    const program = await bundled('memory.ts', false);
    for (const threads of [2, 4]) {
      const output = execFileSync(process.execPath, [program, String(1 << 30), String(threads)], { encoding: 'utf8' });
      const { compressed, decompressed, peak } = JSON.parse(output);
      expect(compressed).toBeGreaterThanOrEqual(1 << 30);
      expect(decompressed).toBe(compressed);
      expect(peak).toBeLessThan(300e6);
    }
  });
});
