import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openRegularFile } from '../../../../common/files/open-regular-file.ts';
import {
  NotARegularFile,
  NotASmallFile,
  readSmallFile,
  readSmallFileNow,
} from '../../../../common/files/read-small-file.ts';

const work = mkdtempSync(join(tmpdir(), 'small-file-'));
afterAll(() => rmSync(work, { recursive: true }));
const file = (name: string): string => join(work, name);

const ways = [
  ['readSmallFile', readSmallFile],
  ['readSmallFileNow', async (...args: Parameters<typeof readSmallFileNow>) => readSmallFileNow(...args)],
] as const;

describe.each(ways)('%s', (way, read) => {
  it('reads a file of several pieces, and an empty one', async () => {
    const bytes = Buffer.alloc(200_000, 'ab\n');
    writeFileSync(file('text'), bytes);
    writeFileSync(file('empty'), '');
    expect((await read(file('text'))).equals(bytes)).toBe(true);
    expect(await read(file('empty'))).toHaveLength(0);
  });

  it('does not wait at a FIFO that nobody writes into', async () => {
    execFileSync('mkfifo', [file(`fifo-${way}`)]);
    await expect(read(file(`fifo-${way}`))).rejects.toThrow(NotARegularFile);
    await expect(read(file(`fifo-${way}`), { followLink: true })).rejects.toThrow(NotARegularFile);
  });

  it.each(['/dev/zero', '/dev/tty', '/dev', '/proc/self/fd'])('takes %s for no file', async (path) => {
    await expect(read(path)).rejects.toThrow(NotARegularFile);
  });

  it('takes a socket for no file', async () => {
    const server = createServer().listen(file(`socket-${way}`));
    await once(server, 'listening');
    await expect(read(file(`socket-${way}`))).rejects.toThrow(NotARegularFile);
    server.close();
  });

  it('follows a link only where it may, and not to a device', async () => {
    writeFileSync(file('aim'), 'x');
    symlinkSync('aim', file(`link-${way}`));
    symlinkSync('/dev/zero', file(`zero-${way}`));
    await expect(read(file(`link-${way}`))).rejects.toThrow(NotARegularFile);
    expect((await read(file(`link-${way}`), { followLink: true })).toString()).toBe('x');
    await expect(read(file(`zero-${way}`), { followLink: true })).rejects.toThrow(NotARegularFile);
  });

  it('looks at no byte of 40 GB of holes', async () => {
    writeFileSync(file('holes'), '');
    truncateSync(file('holes'), 40e9);
    await expect(read(file('holes'))).rejects.toThrow(/40\.0 GB, no such file has more than 16\.8 MB/);
  });

  it('has a limit that is met exactly', async () => {
    writeFileSync(file('ten'), '0123456789');
    expect(await read(file('ten'), { limit: 10 })).toHaveLength(10);
    await expect(read(file('ten'), { limit: 9 })).rejects.toThrow(NotASmallFile);
  });

  it('reads what says that it has no bytes, and stops where such a file has too many', async () => {
    expect((await read('/proc/self/status')).toString()).toContain('Pid:');
    await expect(read('/proc/self/status', { limit: 100 })).rejects.toThrow(/more than 100 B/);
  });

  it('throws what the system says of a file that is not there', async () => {
    await expect(read(file('none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

it('ends with a file that grows while it is read', async () => {
  writeFileSync(file('log'), '');
  const writer = spawn('sh', ['-c', 'yes >> "$0"', file('log')], { stdio: 'ignore', detached: true });
  while (
    (await readSmallFile(file('log')).then(
      (bytes) => bytes.length,
      () => 1,
    )) === 0
  );
  await expect(
    (async () => {
      for (;;) await readSmallFile(file('log'), { limit: 50_000_000 });
    })(),
  ).rejects.toThrow(NotASmallFile);
  if (writer.pid !== undefined) process.kill(-writer.pid, 'SIGKILL');
});

it('leaves nothing open where it refuses', async () => {
  mkdirSync(file('directory'));
  appendFileSync(file('large'), 'xx');
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  for (let turn = 0; turn < 50; turn += 1) {
    await openRegularFile(file('directory')).catch(() => undefined);
    await readSmallFile(file('large'), { limit: 1 }).catch(() => undefined);
    expect(() => readSmallFileNow(file('large'), { limit: 1 })).toThrow(NotASmallFile);
  }
  expect(open()).toBeLessThan(before + 10);
});
