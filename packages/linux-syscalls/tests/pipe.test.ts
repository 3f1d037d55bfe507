import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, read, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openPipe } from '../src/index.ts';

it('openPipe gives a pipe that holds what was asked for, and that a child writes into until it ends', async () => {
  const pipe = openPipe(1 << 20);
  // Nobody reads meanwhile: a smaller one would block here for ever.
  expect(writeSync(pipe.write, Buffer.alloc(1 << 20, 'a'))).toBe(1 << 20);
  const child = spawn('sh', ['-c', 'printf end'], { stdio: ['ignore', pipe.write, 'inherit'] });
  closeSync(pipe.write);
  const target = Buffer.alloc(300_000);
  let text = '';
  for (;;) {
    const { bytesRead } = await promisify(read)(pipe.read, target, 0, target.length, null);
    if (bytesRead === 0) break;
    text += target.toString('latin1', 0, bytesRead);
  }
  closeSync(pipe.read);
  expect(text.length).toBe((1 << 20) + 3);
  expect(text.endsWith('aend')).toBe(true);
  if (child.exitCode === null) await once(child, 'exit');
});
