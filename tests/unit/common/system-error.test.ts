import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mount } from '@rekindle/linux-syscalls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportOf } from '../../../common/errors/error.ts';

let work = '';
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'system-error-'));
  writeFileSync(join(work, 'file'), 'x');
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function brokenPipe(): void {
  const fifo = join(work, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY);
  closeSync(reader);
  try {
    writeSync(writer, 'x');
  } finally {
    closeSync(writer);
  }
}

async function refusedConnection(): Promise<void> {
  writeFileSync(join(work, 'no-socket'), '');
  await new Promise((_, reject) => createConnection(join(work, 'no-socket')).on('error', reject));
}

const refusals: [string, () => unknown, RegExp, RegExp][] = [
  ['ENOENT', () => readFile(join(work, 'none')), /none: no such file or directory \(open, ENOENT\)/, /spelled right/],
  ['ENOTDIR', () => readFile(join(work, 'file/below')), /file\/below: not a directory/, /spelled right/],
  ['EISDIR', () => readFile(work), /EISDIR/, /spelled right/],
  ['ENOSPC', () => writeFile('/dev/full', 'x'), /no space left on device/, /Free some space/],
  ['EXDEV', () => rename(join(work, 'file'), '/proc/file'), /file -> \/proc\/file: /, /another place/],
  ['EPIPE', brokenPipe, /broken pipe/, /output in a file/],
  ['ECONNREFUSED', refusedConnection, /no-socket: connection refused/, /Check the network/],
  [
    'ENOENT of our own calls',
    () => mount('/dev/none', join(work, 'nowhere'), 'ext4', 0, ''),
    /ENOENT/,
    /spelled right/,
  ],
];

describe('[A13] what the system refuses', () => {
  it.each(refusals)('%s is no bug of ours: it names the file, the reason in words and what to do', async (...row) => {
    const [what, attempt, cause, hint] = row;
    // What was to be opened is not there, or no file.
    const code = /^(ENOENT|ENOTDIR|EISDIR)$/.test(what) ? 'RK498' : 'RK495';
    const error: unknown = await Promise.resolve()
      .then(attempt)
      .catch((reason: unknown) => reason);
    const report = reportOf(error);
    expect(report).toMatchObject({ code, cause: expect.stringMatching(cause) });
    expect(report.hint).toMatch(hint);
    expect(report.message).not.toMatch(/bug/i);
  });

  it('does not take a limit of file sizes for a full disk', () => {
    const error = Object.assign(new Error('EFBIG: file too large, write'), {
      errno: -27,
      code: 'EFBIG',
      syscall: 'write',
    });
    const { code, hint } = reportOf(error);
    expect(code).toBe('RK495');
    expect(hint).toContain('ulimit -f');
    expect(hint).not.toContain('Free some space');
  });

  it('has words for what Node has no name for', () => {
    const error = Object.assign(new Error('Unknown system error -123, read'), {
      errno: -123,
      code: 'Unknown system error -123',
      syscall: 'read',
    });
    expect(reportOf(error)).toMatchObject({ code: 'RK498', cause: 'read: no medium in the drive (ENOMEDIUM)' });
  });
});

describe('[A13] what only a mistake of ours brings about', () => {
  it.each<[string, () => unknown]>([
    ['a closed file', () => readSync(987_654, Buffer.alloc(1))],
    ['a wrong argument', () => readSync(0, Buffer.alloc(1), 5, 5, null)],
    ['a wrong type', () => Reflect.apply(String.prototype.trim, null, [])],
  ])('%s stays a bug', (_, attempt) => {
    let thrown: unknown;
    try {
      attempt();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(reportOf(thrown)).toMatchObject({ code: 'RK001' });
  });
});
