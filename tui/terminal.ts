import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';

/** The terminal that the menu owns. */
export interface Terminal {
  input: ReadStream;
  output: WriteStream;
}

export interface Size {
  columns: number;
  rows: number;
}

const fallback: Size = { columns: 80, rows: 24 };
const report = new RegExp(`${String.fromCharCode(27)}\\[(\\d+);(\\d+)R`);

/** Asks the terminal itself: a serial line says 0x0. The cursor goes to the far corner and reports where it stands. */
function askSize(input: ReadStream, output: WriteStream, timeoutMs: number): Promise<Size | null> {
  return new Promise((resolve) => {
    let answer = '';
    const finish = (size: Size | null): void => {
      clearTimeout(timer);
      input.off('data', take);
      resolve(size);
    };
    const take = (data: Buffer | string): void => {
      answer += data.toString();
      const match = report.exec(answer);
      if (match) finish({ rows: Number(match[1]), columns: Number(match[2]) });
    };
    const timer = setTimeout(() => finish(null), timeoutMs);
    input.on('data', take);
    output.write('\x1b[999;999H\x1b[6n');
  });
}

const kernelDelayMs = 1000;

/** By the console's name: Node stops to read a stream that it gives to a child. */
function tellKernel({ rows, columns }: Size): void {
  const console = process.env.REKINDLE_CONSOLE;
  if (!console) return;
  const stty = spawn('stty', ['-F', `/dev/${console}`, 'rows', String(rows), 'cols', String(columns)], {
    stdio: 'ignore',
  });
  stty.on('error', () => undefined);
}

/** The size to draw in, and told to the kernel, so that the shell has it too. Never more than the screen has. */
export async function findSize({ input, output }: Terminal): Promise<Size> {
  if (output.columns > 0 && output.rows > 0) return { columns: output.columns, rows: output.rows };
  input.setRawMode?.(true);
  input.resume();
  const size = (await askSize(input, output, 700)) ?? fallback;
  // A stream that flows without a listener throws away what is typed before Ink listens.
  input.pause();
  // Not before the first picture: to start a program takes as long as to draw.
  setTimeout(() => tellKernel(size), kernelDelayMs).unref();
  for (const [name, value] of Object.entries(size))
    Object.defineProperty(output, name, { value, configurable: true, writable: true });
  return size;
}

/** Older Linux consoles have no alternate screen: we clear ourselves, before and after. */
export function clearScreen(output: WriteStream): void {
  output.write('\x1b[0m\x1b[2J\x1b[H');
}

/** Node prints its warnings on the terminal, where Ink would not know of them and draw one row off: they go to a file. */
export function divertWarnings(file: string): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => appendFile(file, `${warning.stack ?? warning.message}\n`, () => undefined));
}
