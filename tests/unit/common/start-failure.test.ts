import { describe, expect, it } from 'vitest';
import { RekindleError } from '../../../common/errors/error.ts';
import { type Family, families } from '../../../common/packages/distribution.ts';
import { knownPackagesOf } from '../../../common/packages/packages.ts';
import { startFailure } from '../../../common/start-failure.ts';
import { startTool } from '../../../restore/archive/child.ts';
import { throughTool } from '../../../restore/archive/through-tool.ts';

const spawnError = (code: string) =>
  Object.assign(new Error(`spawn x ${code}`), { code, errno: -2, syscall: 'spawn x' });

describe('a command that cannot be started', () => {
  it('is no bug, whichever runner was to start it', async () => {
    const argv = ['rekindle-has-no-such-tool', '-dc'] as const;
    await expect(startTool(argv, 'ignore').ended).rejects.toMatchObject({ code: 'RK004' });
    const use = async ({ input, output }: { input: NodeJS.WritableStream; output: NodeJS.ReadableStream }) => {
      input.end();
      for await (const _ of output);
    };
    await expect(throughTool(argv, {}, use)).rejects.toMatchObject({
      code: 'RK004',
      reason: expect.stringContaining(argv[0]),
    });
  });

  it('comes with the command that installs it, where its package is known', async () => {
    const failure = await startFailure(spawnError('ENOENT'), { argv: ['/no/such/place/xz', '-dc'] });
    expect(failure).toBeInstanceOf(RekindleError);
    // Whatever the distribution is that runs the tests.
    expect((failure as RekindleError).hint).toMatch(/install.*xz|package that brings it/i);
  });

  it('leaves the limits of the system to say themselves what they are', async () => {
    for (const code of ['EAGAIN', 'ENOMEM', 'EMFILE']) {
      const error = spawnError(code);
      expect(await startFailure(error, { argv: ['true'] })).toBe(error);
    }
  });

  it('has a package for what is asked, in every family, and none made up for the rest', () => {
    const of = (tool: string, family: Family) => knownPackagesOf(tool, { name: '', family });
    expect(families.map((family) => of('xz', family))).toEqual([['xz-utils'], ['xz'], ['xz'], ['xz']]);
    expect(families.map((family) => of('rekindle-has-no-such-tool', family))).toEqual([null, null, null, null]);
    expect(of('constructor', 'debian')).toBeNull();
  });
});

describe('a tool in the middle', () => {
  it('fails with its own words, not with those of the pipe that it left', async () => {
    const zeros = async function* () {
      for (;;) yield Buffer.alloc(1 << 16);
    };
    const { pipeline } = await import('node:stream/promises');
    const done = throughTool(['sh', '-c', 'echo went wrong >&2; exit 7'], {}, async ({ input, output }) => {
      output.resume();
      await pipeline(zeros(), input);
    });
    await expect(done).rejects.toMatchObject({ code: 'RK003', reason: expect.stringMatching(/sh exit 7: went wrong/) });
  });

  it('is ended when what it serves fails, or is stopped', async () => {
    const begun = performance.now();
    const broken = new Error('no more room');
    await expect(throughTool(['sleep', '100'], {}, () => Promise.reject(broken))).rejects.toBe(broken);
    const stop = new AbortController();
    const held = throughTool(['sleep', '100'], { signal: stop.signal }, async ({ output }) => {
      setTimeout(() => stop.abort(), 20);
      for await (const _ of output);
    });
    await expect(held).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(50_000);
  });
});
