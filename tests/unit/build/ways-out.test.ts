import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type IPty, spawn as spawnOnTerminal } from '@lydell/node-pty';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { type Lab, makeLab, removeLab } from '../../faults/lab.ts';

let lab: Lab;
let log = '';
beforeAll(async () => {
  lab = await makeLab(join(import.meta.dirname, 'ways-out-child.ts'));
  log = join(lab.directory, 'hooks');
});
afterAll(() => removeLab(lab));
beforeEach(async () => {
  await run(['find', lab.media, lab.store, '-mindepth', '1', '-delete']);
  await run(['rm', '-f', log]);
});

const noted = (word: string): string => `echo ${word} >> ${log}`;

interface Options {
  /** What happens while it saves. */
  happens?: string;
  before?: string;
  after?: string[];
}

function argvOf({
  happens = '',
  before = noted('before'),
  after = [noted('after 1'), noted('after 2')],
}: Options): string[] {
  const { source, media, store, directory, script } = lab;
  const words = [source, join(media, 'm.iso'), store, join(directory, 'rescue'), happens, before, ...after];
  return ['--disable-warning=ExperimentalWarning', script, ...words];
}

interface Ended {
  output: string;
  code: number | null;
  pid: number;
}

async function create(options: Options, meanwhile: (child: ChildProcess) => void = () => undefined): Promise<Ended> {
  const child = spawn(process.execPath, argvOf(options), { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', () => undefined);
  meanwhile(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  await sleep(100);
  return { output, code, pid: child.pid ?? 0 };
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State:\tZ';
  }
}

const ran = (): string[] => readFileSync(log, 'utf8').trim().split('\n');

function expectNothingLeft({ pid }: Pick<Ended, 'pid'>, media: readonly string[] = []): void {
  expect(readdirSync(lab.media)).toEqual(media);
  if (media.length === 0) expect(readdirSync(lab.store)).toEqual([]);
  expect(readdirSync('/run').filter((name) => name.includes(`.${pid}.`))).toEqual([]);
}

const whole = ['before', 'after 1', 'after 2'];

describe('create that is ended while it saves undoes what it did, and wakes what it put to rest', () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGABRT', 'SIGPROF', 'SIGIO', 'SIGVTALRM'];
  it.each(signals)('by %s', async (happens) => {
    const ended = await create({ happens });
    expect(ended.output).toMatch(/^failed Stopped on request[\s\S]*RK006/);
    expect(ended.code).toBe(1);
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended);
  });

  it.each([
    ['an exception that nobody catches', 'uncaught', /RK001/],
    ['a rejection that nobody handles', 'rejection', /nobody looks[\s\S]*RK001/],
  ])('by %s', async (_, happens, words) => {
    const ended = await create({ happens });
    expect(ended.output).toMatch(words);
    expect(ended.code).toBe(1);
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended);
  });

  it('by a disk that is full', async () => {
    const ended = await create({ happens: 'full' });
    expect(ended.output).toContain('RK211');
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended, ['balloon']);
  });

  it('by the most that a file may have (ulimit -f)', async () => {
    const ended = await create({ happens: 'limit' });
    expect(ended.output).toMatch(/^failed A file became larger[\s\S]*ulimit -f[\s\S]*RK226/);
    expect(ended.code).toBe(1);
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended);
  });

  it('by a hook before that fails', async () => {
    const ended = await create({ before: `${noted('before')}; exit 9` });
    expect(ended.output).toMatch(/exit 9[\s\S]*RK223/);
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended);
  });

  it('by a signal while a hook before runs', async () => {
    const ended = await create({ before: `${noted('before')}; kill -TERM $PPID; sleep 20` });
    expect(ended.output).toContain('RK006');
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended);
  });

  it('also when more signals come meanwhile, from a terminal to all in the foreground', async () => {
    const slow = `kill -TERM $PPID; kill -INT -$PPID; sleep 0.5; ${noted('after 1')}`;
    const ended = await create({ happens: 'SIGINT', after: [slow, noted('after 2')] });
    expect(ended.output).toContain('RK006');
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended);
  });

  it('and says what it could not undo', async () => {
    const ended = await create({ happens: 'SIGTERM', after: ['echo no database >&2; exit 4', noted('after 2')] });
    expect(ended.output).toMatch(/RK006/);
    expect(ended.output).toContain(
      'Also: A command that was to run before or after saving failed. sh: exit 4: no database',
    );
    expect(ran()).toEqual(['before', 'after 2']);
    expectNothingLeft(ended);
  });
});

describe('create that nobody looks at any more', () => {
  it.each(['stdout', 'stderr'] as const)('goes on when the reader of %s goes away', async (stream) => {
    const ended = await create({}, (child) => child.stderr?.once('data', () => child[stream]?.destroy()));
    expect(ended.code).toBe(0);
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended, ['m.iso']);
  });

  it('goes on when the readers went before it began', async () => {
    const ended = await create({}, (child) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
    expect(ended.code).toBe(0);
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended, ['m.iso']);
  });

  /** On a terminal that is closed while it saves; the shell that started it had it open, too. */
  async function hangUp(command: string): Promise<number> {
    const file = join(lab.directory, 'pid');
    const script = `${command} & echo $! > ${file}; wait`;
    const words = ['-c', script, 'sh', process.execPath, ...argvOf({ before: `${noted('before')}; sleep 1` })];
    const terminal = spawnOnTerminal('sh', words, {}) as IPty & { destroy: () => void };
    while (!existsSync(log)) await sleep(20);
    terminal.destroy();
    const pid = Number(readFileSync(file, 'utf8'));
    while (!/^State:\s+Z/m.test(statusOf(pid))) await sleep(50);
    return pid;
  }

  it('is stopped in order when the terminal that it is on hangs up', async () => {
    const pid = await hangUp('"$@" <&1');
    expect(ran()).toEqual(whole);
    expectNothingLeft({ pid });
  });

  it('goes on when a terminal hangs up that it has nothing on, as under nohup', async () => {
    const pid = await hangUp('nohup "$@" < /dev/null > /dev/null 2>&1');
    expect(ran()).toEqual(whole);
    expectNothingLeft({ pid }, ['m.iso']);
  });
});

describe('create where a folder cannot be written', () => {
  const readOnly = (folder: string): string[] => {
    const script = `mount --bind ${folder} ${folder}; mount -o remount,bind,ro ${folder}; exec "$@"`;
    return ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', script, 'sh', process.execPath];
  };
  const outputOf = async (folder: string): Promise<string> =>
    (await run([...readOnly(folder), ...argvOf({})] as [string, ...string[]], { okExit: [0, 1] })).stdout;

  it('does without /run', async () => {
    expect(await outputOf('/run')).toMatch(/^result /);
    expect(ran()).toEqual(whole);
  });

  it("names the destination's folder (RK208)", async () => {
    expect(await outputOf(lab.media)).toMatch(/EROFS: read-only file system[\s\S]*RK208/);
    expect(existsSync(log)).toBe(false);
  });
});

describe('create whose hook afterwards fails', () => {
  it('keeps the medium, runs the others and says so', async () => {
    const ended = await create({ after: [`${noted('after 1')}; exit 4`, noted('after 2')] });
    expect(ended.output).toContain(
      '"unfinished":["A command that was to run before or after saving failed. sh: exit 4"]',
    );
    expect(ended.code).toBe(0);
    expect(ran()).toEqual(whole);
    expectNothingLeft(ended, ['m.iso']);
  });
});
