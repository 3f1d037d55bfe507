import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readlinkSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnvironment } from '../../../../common/run.ts';
import { readSecret } from '../../../../common/secret/read-secret.ts';
import { openPty, type Pty } from '../../../../tui/shell/pty.ts';

let work = '';
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'secret-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const child = join(import.meta.dirname, 'secret-child.ts');
const node = [process.execPath, '--disable-warning=ExperimentalWarning', child] as const;

describe('a file descriptor', () => {
  async function fromFile(content: string | Buffer): Promise<string> {
    const file = join(work, 'secret');
    writeFileSync(file, content);
    const fd = openSync(file, 'r');
    try {
      return await readSecret({ fd });
    } finally {
      closeSync(fd);
    }
  }

  it.each([
    ['secret\n', 'secret'],
    ['no newline', 'no newline'],
    [' blanks stay \nsecond line', ' blanks stay '],
    ['größe 😀\r\n', 'größe 😀\r'],
  ])('[B11] gives %j as %j', async (content, secret) => {
    expect(await fromFile(content)).toBe(secret);
  });

  it.each([
    ['empty', ''],
    ['an empty line', '\nx'],
    ['not UTF-8', Buffer.from([0x70, 0xff, 0x0a])],
    ['no newline in its first', Buffer.alloc(5000, 'x')],
  ])('that is %s is refused, and not shown', async (_what, content) => {
    await expect(fromFile(content)).rejects.toMatchObject({ code: 'RK329', reason: expect.not.stringMatching(/xxx/) });
  });

  it('that is not open, or a directory, is refused', async () => {
    const fd = openSync(work, 'r');
    await expect(readSecret({ fd })).rejects.toMatchObject({
      code: 'RK329',
      reason: expect.stringContaining('EISDIR'),
    });
    closeSync(fd);
    await expect(readSecret({ fd: 999 })).rejects.toMatchObject({ reason: expect.stringContaining('EBADF') });
  });

  it('that is a pipe gives one line for each secret, and waits for it', async () => {
    const reader = spawn(node[0], [...node.slice(1), 'fd'], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
    const output: Buffer[] = [];
    reader.stdout?.on('data', (data: Buffer) => output.push(data));
    const pipe = reader.stdio[3] as NodeJS.WritableStream;
    pipe.on('error', () => undefined); // the third line is never read
    pipe.write('fi');
    await sleep(300);
    pipe.write('rst\nsecond\nthird');
    await new Promise((resolve) => reader.on('close', resolve));
    expect(Buffer.concat(output).toString()).toMatch(/^pid \d+\n"first"\n"second"\n$/);
  });

  it('that does not block is waited for', async () => {
    const fifo = join(work, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const secret = readSecret({ fd });
    await sleep(60);
    writeSync(fd, 'late\n');
    expect(await secret).toBe('late');
    closeSync(fd);
  });
});

/** The child in a shell on a terminal of its own; the shell says how the child ended and whether the terminal is as it was. */
class Session {
  readonly #pty: Pty;
  shown = '';

  constructor(...options: string[]) {
    const script = 'b=$(stty -g); "$@"; echo "exit $?"; [ "$b" = "$(stty -g)" ] && echo restored; echo over';
    const argv = ['-c', script, 'sh', ...node, ...options];
    this.#pty = openPty('/bin/bash', argv, { columns: 80, rows: 24, env: cleanEnvironment, cwd: work });
    this.#pty.stream.on('data', (data) => {
      this.shown += data.toString();
    });
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  async expect(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const match = pattern.exec(this.shown);
      if (match) return match;
      if (performance.now() > deadline) throw new Error(`never saw ${pattern}, but:\n${this.shown}`);
      await sleep(20);
    }
  }

  /** The child's process, once it asks. */
  async pid(): Promise<number> {
    await this.expect(/Passphrase: /);
    return Number((await this.expect(/pid (\d+)/))[1]);
  }

  /** Waits for the end. @returns what was shown */
  async end(): Promise<string> {
    await this.expect(/\bover\r\n$/);
    await this.#pty.ended;
    this.#pty.stream.destroy();
    return this.shown;
  }
}

const hex = (text: string): string => Buffer.from(text).toString('hex');

describe('a terminal', () => {
  it('[B11] shows nothing of what is typed, and is as it was afterwards', async () => {
    const session = new Session('ask');
    await session.expect(/Passphrase: $/);
    for (const key of 'größex\x7f1') session.type(key);
    session.type('\r');
    const shown = await session.end();
    expect(shown).toMatch(new RegExp(`Passphrase: \r\n.*got ${hex('größe1')}\r\nexit 0\r\nrestored`, 's'));
    expect(shown).not.toContain('gr');
  });

  it('[B11] is asked twice for a passphrase that is made', async () => {
    const session = new Session('confirm');
    await session.expect(/Passphrase: $/);
    session.type('one\r');
    await session.expect(/\(again\): $/);
    session.type('two\r');
    await session.expect(/They differ.*Passphrase: $/s);
    session.type('three\rthree\r'); // both at once, as a program would
    expect(await session.end()).toMatch(new RegExp(`got ${hex('three')}\r\nexit 0\r\nrestored`));
  });

  it('gives up after three times', async () => {
    const session = new Session('confirm');
    await session.expect(/Passphrase: $/);
    session.type('a\rb\rc\rd\re\rf\r');
    expect(await session.end()).toMatch(/RK330 3 times\r\nexit 0\r\nrestored/);
  });

  it.each([['\r'], ['\x04']])('refuses nothing: %j', async (keys) => {
    const session = new Session('ask');
    await session.expect(/Passphrase: $/);
    session.type(keys);
    expect(await session.end()).toMatch(/RK329 nothing was typed\r\nexit 0\r\nrestored/);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('[B11] is restored when %s ends the process', async (signal, code) => {
    const session = new Session('ask');
    process.kill(await session.pid(), signal);
    expect(await session.end()).toMatch(new RegExp(`exit ${code}\r\nrestored`));
  });

  it('takes Ctrl-C as a signal', async () => {
    const session = new Session('ask');
    await session.pid();
    session.type('abc\x03');
    expect(await session.end()).toMatch(/exit 130\r\nrestored/);
  });

  it('leaves signals to who handles them', async () => {
    const byKey = new Session('ask', 'handles');
    await byKey.pid();
    byKey.type('\x03');
    const expected = /RK006 SIGINT while waiting for a passphrase\r\n/;
    const first = await byKey.end();
    expect(first).toMatch(expected);
    expect(first).toMatch(/handled SIGINT\r\n/);
    expect(first).toMatch(/exit 0\r\nrestored/);
    const bySignal = new Session('ask', 'handles');
    process.kill(await bySignal.pid(), 'SIGINT');
    const second = await bySignal.end();
    expect(second).toMatch(expected);
    expect(second.match(/handled SIGINT/g)).toHaveLength(1);
  });

  it('[B11] shows nothing after it was stopped and continued', async () => {
    const session = new Session('ask');
    const pid = await session.pid();
    const terminal = readlinkSync(`/proc/${pid}/fd/0`);
    process.kill(pid, 'SIGSTOP');
    execFileSync('stty', ['-F', terminal, 'sane']); // as a shell does that gets its terminal back
    process.kill(pid, 'SIGCONT');
    await session.expect(/Passphrase: Passphrase: $/);
    session.type('unseen\r');
    const shown = await session.end();
    expect(shown).toContain(`got ${hex('unseen')}`);
    expect(shown).not.toContain('unseen');
  });

  it('is not taken from a file descriptor, which would show what is typed', async () => {
    const session = new Session('fd-of-terminal');
    expect(await session.end()).toMatch(/RK329 file descriptor 0 is a terminal/);
  });

  it('that is not there is no reason to hang', () => {
    const argv = ['--wait', ...node, 'ask'];
    expect(execFileSync('setsid', argv, { encoding: 'utf8' })).toMatch(/RK329 there is no terminal to ask on/);
  });
});
