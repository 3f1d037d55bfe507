import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runEveryHook, runHooks } from '../../../build/hooks.ts';
import { temporaryDirectory } from './temporary.ts';

const shell = (line: string): [string, ...string[]] => ['sh', '-c', line];

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (!existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true;
    await sleep(50);
  }
  return false;
}

describe('hooks before saving', () => {
  it('run in order; the first that fails stops, with its last words and not its arguments', async () => {
    const log = join(await temporaryDirectory(), 'log');
    const hooks = [
      shell(`echo 1 >> ${log}`),
      shell(`echo 2 >> ${log}; echo cannot >&2; exit 7`),
      shell(`echo 3 >> ${log}`),
    ];
    const ran = runHooks(hooks, { timeLimitSeconds: 30 });
    await expect(ran).rejects.toMatchObject({ code: 'RK223', reason: 'sh: exit 7: cannot' });
    expect(readFileSync(log, 'utf8')).toBe('1\n2\n');
  });

  it.each([
    ['is not there', ['/nonexistent/tool'], 'tool: ENOENT'],
    ['is killed', shell('kill -KILL $$'), 'sh: ended by SIGKILL'],
  ] as const)('one that %s stops', async (_, argv, reason) => {
    const ran = runHooks([[argv[0], ...argv.slice(1)]], { timeLimitSeconds: 30 });
    await expect(ran).rejects.toMatchObject({ code: 'RK223', reason });
  });

  it('end with all they started when their time is up', async () => {
    const file = join(await temporaryDirectory(), 'pids');
    const hook = shell(`trap '' TERM; sleep 600 & echo $$ $! > ${file}; wait; sleep 600`);
    const ran = runHooks([hook], { timeLimitSeconds: 1 });
    await expect(ran).rejects.toMatchObject({ code: 'RK223', reason: 'sh: ran out of time' });
    for (const pid of readFileSync(file, 'utf8').trim().split(' ')) expect(await isGone(Number(pid))).toBe(true);
  });

  it('end with all they started when create is stopped, and no other begins', async () => {
    const directory = await temporaryDirectory();
    const stop = new AbortController();
    const hooks = [shell(`sleep 600 & echo $$ $! > ${directory}/pids; wait`), shell(`touch ${directory}/second`)];
    const ran = runHooks(hooks, { timeLimitSeconds: 600, signal: stop.signal });
    while (!existsSync(join(directory, 'pids'))) await sleep(20);
    await sleep(100);
    stop.abort();
    await expect(ran).rejects.toMatchObject({ code: 'RK223', reason: 'sh: stopped on request' });
    for (const pid of readFileSync(join(directory, 'pids'), 'utf8').trim().split(' '))
      expect(await isGone(Number(pid))).toBe(true);
    expect(await readdir(directory)).toEqual(['pids']);
  });

  it('may leave a daemon that keeps their output: nobody waits for it, and nothing ends it', async () => {
    const file = join(await temporaryDirectory(), 'daemon');
    await runHooks([shell(`(sleep 1; echo words; echo lives > ${file}) & echo started`)], { timeLimitSeconds: 30 });
    expect(existsSync(file)).toBe(false);
    await sleep(2000);
    expect(readFileSync(file, 'utf8')).toBe('lives\n');
  });
});

describe('hooks after saving', () => {
  it('all run in order, whatever the others do; each that failed is named', async () => {
    const log = join(await temporaryDirectory(), 'log');
    const hooks = [
      shell(`echo 1 >> ${log}; exit 3`),
      shell(`echo 2 >> ${log}`),
      shell('sleep 600'),
      shell(`echo 4 >> ${log}; exit 5`),
    ];
    const ran = runEveryHook(hooks, { timeLimitSeconds: 1 });
    await expect(ran).rejects.toMatchObject({ code: 'RK223', reason: 'sh: exit 3; sh: ran out of time; sh: exit 5' });
    expect(readFileSync(log, 'utf8')).toBe('1\n2\n4\n');
  });
});
