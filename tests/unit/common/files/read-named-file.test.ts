import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportOf } from '../../../../common/errors/error.ts';
import { readNamedFile } from '../../../../common/files/read-named-file.ts';

let work = '';
const at = (name: string): string => join(work, name);
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'named-file-'));
});
afterAll(() => rmSync(work, { recursive: true }));

describe('a file that a person named', () => {
  it('is read whole, through links', async () => {
    writeFileSync(at('key'), 'a key\n');
    symlinkSync('key', at('link'));
    expect((await readNamedFile(at('link'))).toString()).toBe('a key\n');
    expect((await readNamedFile('/proc/self/comm')).length).toBeGreaterThan(0);
  });

  it.each(['/dev/zero', '/dev/null', '/tmp'])('%s is refused at once', async (path) => {
    await expect(readNamedFile(path)).rejects.toMatchObject({ code: 'RK009', reason: expect.stringContaining(path) });
  });

  it('that is not there is told as such, with its path', async () => {
    const failure = await readNamedFile(at('none')).catch(reportOf);
    expect(failure).toMatchObject({ code: 'RK498', cause: expect.stringContaining(at('none')) });
  });

  it('has a limit, a file and a pipe', async () => {
    writeFileSync(at('large'), Buffer.alloc(5000));
    await expect(readNamedFile(at('large'), { limit: 4999 })).rejects.toMatchObject({ code: 'RK009' });
    expect(await readNamedFile(at('large'), { limit: 5000 })).toHaveLength(5000);
    const pipe = heldPipe('endless');
    // Blocks when the pipe is full, until somebody reads.
    const writer = spawn('sh', ['-c', `cat /dev/zero > '${at('endless')}'`], { stdio: 'ignore' });
    await expect(readNamedFile(at('endless'))).rejects.toMatchObject({ code: 'RK009' });
    writer.kill('SIGKILL');
    closeSync(pipe);
  });

  it('may be a pipe, which is waited for as long as somebody writes', async () => {
    const pipe = heldPipe('pipe');
    const read = readNamedFile(at('pipe'));
    for (const word of ['a ', 'key']) {
      await wait(100);
      writeSync(pipe, word);
    }
    await wait(100);
    closeSync(pipe);
    expect((await read).toString()).toBe('a key');
  });

  it('a pipe that nobody writes into is not waited for for ever', async () => {
    const pipe = heldPipe('silent');
    await expect(readNamedFile(at('silent'), { quietMs: 100 })).rejects.toMatchObject({
      code: 'RK009',
      reason: expect.stringContaining('says nothing'),
    });
    closeSync(pipe);
    expect(await readNamedFile(at('silent'))).toHaveLength(0);
  });
});

/** A named pipe with a writer: us. */
function heldPipe(name: string): number {
  execFileSync('mkfifo', [at(name)]);
  return openSync(at(name), constants.O_RDWR);
}
