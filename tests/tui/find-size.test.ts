import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, it } from 'vitest';
import { findSize } from '../../tui/terminal.ts';

/** A serial line, which knows no size: what the menu writes is for the other end to answer. */
function line(answer: string): { input: PassThrough; output: PassThrough } {
  const [input, output] = [new PassThrough(), new PassThrough()];
  output.once('data', () => input.write(answer));
  return { input, output };
}

it('[E1] asks the terminal for its size, and keeps what is typed before the menu listens', async () => {
  const { input, output } = line('\x1b[50;132R');
  const size = await findSize({ input: input as unknown as ReadStream, output: output as unknown as WriteStream });
  expect(size).toEqual({ columns: 132, rows: 50 });
  input.write('1');
  await sleep(50);
  const typed = once(input, 'data');
  input.resume();
  expect(String((await typed)[0])).toBe('1');
});
