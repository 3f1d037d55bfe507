import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkSeekTable, decompressFrames, fileSource, readSeekTable, writeAll, writeSeekable } from '../src/index.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'zstd-pipes-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

it('[B7] tar to a file, and from the file to tar, through real pipes; zstd and tar alone give the same', async () => {
  const path = join(directory, 'lib.tar.zst');
  const tar = spawn('tar', ['-C', '/usr/share', '-cf', '-', 'perl5', 'doc'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = createWriteStream(path);
  const { table, totals, fileSize } = await writeSeekable(tar.stdout, output, { threads: 2 });
  output.end();
  await finished(output);
  expect(totals).toEqual({
    frames: table.length,
    compressedSize: table.compressedSize,
    uncompressedSize: table.uncompressedSize,
  });

  await using handle = await open(path);
  const source = await fileSource(handle);
  expect(source.size).toBe(fileSize);
  expect(await checkSeekTable(source, table)).toBeUndefined();
  const list = spawn('tar', ['-tvf', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const listed = text(list.stdout);
  for await (const { data } of decompressFrames(source, await readSeekTable(source), { threads: 2 }))
    await writeAll(list.stdin, data);
  list.stdin.end();
  const plain = execFileSync('sh', ['-c', 'zstd -q -dc "$1" | tar -tvf -', 'sh', path], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(await listed).toBe(plain);
});
