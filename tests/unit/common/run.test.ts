import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RekindleError } from '../../../common/errors/error.ts';
import { renderArgv, run } from '../../../common/run.ts';

describe('run', () => {
  it('gives output and exit code', async () => {
    expect(await run(['printf', 'a\\nb\\n'])).toEqual({ stdout: 'a\nb\n', stderr: '', exitCode: 0 });
  });

  it('refuses an exit code that nobody allowed, with the tool and its last words', async () => {
    const failure = await run(['sh', '-c', 'echo went wrong >&2; exit 7']).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RekindleError);
    expect((failure as RekindleError).code).toBe('RK003');
    expect((failure as RekindleError).reason).toMatch(/exit 7: went wrong/);
  });

  it('takes an allowed exit code', async () => {
    expect((await run(['sh', '-c', 'exit 3'], { okExit: [0, 3] })).exitCode).toBe(3);
  });

  it('names a missing tool', async () => {
    await expect(run(['no-such-tool-here'])).rejects.toMatchObject({ code: 'RK004' });
    await expect(run(['/usr/bin/no-such-tool-here'])).rejects.toMatchObject({ code: 'RK004' });
  });

  it('does not take for missing what is there and cannot be started, or a folder that is gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rekindle-run-'));
    try {
      const script = join(folder, 'script');
      await writeFile(script, '#!/no/such/interpreter\n', { mode: 0o755 });
      await expect(run([script])).rejects.toMatchObject({ code: 'RK008', reason: expect.stringContaining(script) });
      await writeFile(join(folder, 'plain'), 'text', { mode: 0o644 });
      await expect(run([join(folder, 'plain')])).rejects.toMatchObject({ code: 'RK008' });
      await expect(run([folder])).rejects.toMatchObject({ code: 'RK008' });
      const gone = join(folder, 'gone');
      await expect(run(['true'], { cwd: gone })).rejects.toMatchObject({
        code: 'RK008',
        reason: expect.stringContaining(`the folder ${gone}`),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('reports the signal that ended a command and the time limit', async () => {
    await expect(run(['sh', '-c', 'kill -9 $$'])).rejects.toMatchObject({
      code: 'RK003',
      reason: expect.stringContaining('SIGKILL'),
    });
    await expect(run(['sleep', '20'], { timeoutMs: 50 })).rejects.toMatchObject({ code: 'RK003' });
    // Nothing ends what waits for a dead disk; here, what keeps the pipe.
    const held = ['sh', '-c', 'setsid sleep 100 & sleep 100'] as const;
    await expect(run(held, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'RK003',
      reason: expect.stringContaining('does not end'),
    });
  });

  it('passes a clean environment and closes standard input', async () => {
    process.env.SECRET_OF_THE_CALLER = 'x';
    const { stdout } = await run(['sh', '-c', 'env; cat']);
    expect(stdout).not.toContain('SECRET_OF_THE_CALLER');
    expect(stdout).toContain('LANG=C.UTF-8');
  });
});

describe('renderArgv', () => {
  it('gives a line that a shell reads back as the same words', async () => {
    const argv = ['printf', '%s\\n', 'plain', "it's", 'two words', '', '$HOME', '*'] as const;
    const { stdout } = await run(['sh', '-c', renderArgv(argv)]);
    expect(stdout).toBe("plain\nit's\ntwo words\n\n$HOME\n*\n");
  });
});
