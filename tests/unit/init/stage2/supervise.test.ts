import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextDelay } from '../../../../init/stage2/supervise.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'supervise-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('restarts', () => {
  it('come later and later, up to 30 s, and soon again after a good start', () => {
    const waits: number[] = [];
    for (let delay = 500; waits.length < 9; ) {
      const { wait, next } = nextDelay(delay, 10);
      waits.push(wait);
      delay = next;
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(nextDelay(30_000, 11_000)).toEqual({ wait: 500, next: 1000 });
  });
});

/** Runs pid1.ts as PID 1 of its own pid and mount namespaces, /run private; lets `during` act from inside by nsenter. */
async function inNamespace(during: string): Promise<{ output: string; log: string; exit: number | null }> {
  const stop = join(directory, 'stop');
  const script = `mount -t tmpfs run /run && mkdir /run/rekindle && exec "$@"`;
  const child = spawn('unshare', [
    ...['--pid', '--fork', '--mount', '--mount-proc', 'sh', '-c', script, 'sh'],
    ...[process.execPath, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'pid1.ts'), stop],
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  while (!output.includes('libuv saw exit')) await sleep(50);
  await sleep(800);
  const pid = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  const inside = spawn('nsenter', [
    '--target',
    pid,
    '--pid',
    '--mount',
    'sh',
    '-c',
    `${during}; cat /run/rekindle/rekindle.log`,
  ]);
  let seen = '';
  inside.stdout.on('data', (data) => (seen += String(data)));
  await new Promise((resolve) => inside.on('close', resolve));
  writeFileSync(stop, '');
  return { output, log: seen, exit: await ended };
}

describe('PID 1', () => {
  it('reaps orphans but not what libuv waits for, and outlives the death of all its children', async () => {
    const zombies = 'grep -l "^State:.Z" /proc/[0-9]*/status | wc -l';
    const { output, log, exit } = await inNamespace(
      `echo "zombies $(${zombies})"; kill -9 -1; sleep 2; echo "zombies $(${zombies})"`,
    );
    expect(output).toContain('libuv saw exit 5');
    expect(log.match(/zombies \d+/g)).toEqual(['zombies 0', 'zombies 0']);
    expect(log).toMatch(/steady: ended by SIGKILL; starts again in 0\.5 s/);
    expect(log).toMatch(/brittle: \/bin\/sh -c exit 3: exit 3; starts again in 0\.5 s[\s\S]*brittle: .*again in 1 s/);
    expect(log).toMatch(/absent: \/no\/such\/program did not start: .*ENOENT; starts again in 0\.5 s/);
    expect(exit).toBe(0);
  });
});
