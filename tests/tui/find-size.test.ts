import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { spawn } from '@lydell/node-pty';
import { expect, it, onTestFinished, vi } from 'vitest';
import { findSize } from '../../tui/terminal.ts';

/** A serial line, which knows no size: what the menu writes is for the other end to answer. */
function line(answer: string): { input: PassThrough; output: PassThrough } {
  const [input, output] = [new PassThrough(), new PassThrough()];
  output.once('data', () => input.write(answer));
  return { input, output };
}

it('[E1] asks the terminal for its size, and keeps what is typed meanwhile', async () => {
  const { input, output } = line('a\x1b[50;132Rb');
  const size = await findSize({ input: input as unknown as ReadStream, output: output as unknown as WriteStream });
  expect(size).toEqual({ columns: 132, rows: 50 });
  input.write('c');
  let typed = '';
  input.on('readable', () => {
    for (let data: unknown = input.read(); data !== null; data = input.read()) typed += String(data);
  });
  await vi.waitFor(() => expect(typed).toHaveLength(3));
  expect(typed).toBe('abc');
});

/** The child draws with Ink, as the menu does, what was typed; how often it was drawn anew stands in the title. */
it('[E1] on a terminal without a size nothing that is typed at the first picture is lost, and it is drawn once', async () => {
  const child = join(import.meta.dirname, 'find-size-child.ts');
  const command = `stty rows 0 cols 0; exec "$0" --disable-warning=ExperimentalWarning "$1"`;
  const terminal = spawn('sh', ['-c', command, process.execPath, child], { cols: 80, rows: 24 });
  onTestFinished(() => terminal.kill('SIGKILL'));
  let seen = '';
  const shown = new Promise<void>((resolve) => {
    let isTyped = false;
    terminal.onData((text) => {
      if (text.includes('\x1b[6n')) terminal.write('\x1b[50;132R');
      seen += text;
      if (!isTyped && seen.includes('typed:')) terminal.write('1');
      isTyped ||= seen.includes('typed:');
      if (seen.includes('typed: 1 of 132x50')) resolve();
    });
    terminal.onExit(() => resolve());
  });
  await shown;
  expect(seen).toContain('typed: 1 of 132x50');
  expect(seen).toContain('resized 0 times');
  expect(seen).not.toContain('resized 1 times');
}, 60_000);
