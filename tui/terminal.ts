import { appendFile, closeSync, constants, openSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import { setWindowSize } from '@rekindle/linux-syscalls';

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

/**
 * Asks the terminal itself: a serial line says 0x0. The cursor goes to the far corner and reports where it stands. Read as
 * Ink reads, on demand: a stream that flows would throw away what is typed before Ink listens.
 */
function askSize(input: ReadStream, output: WriteStream, timeoutMs: number): Promise<Size | null> {
  return new Promise((resolve) => {
    let answer = '';
    const finish = (size: Size | null): void => {
      clearTimeout(timer);
      input.off('readable', take);
      const typed = answer.replace(report, '');
      if (typed !== '') input.unshift(Buffer.from(typed, 'latin1'));
      resolve(size);
    };
    const take = (): void => {
      for (let data: Buffer | string | null = input.read(); data !== null; data = input.read())
        answer += data.toString('latin1');
      const match = report.exec(answer);
      if (match) finish({ rows: Number(match[1]), columns: Number(match[2]) });
    };
    const timer = setTimeout(() => finish(null), timeoutMs);
    input.on('readable', take);
    output.write('\x1b[999;999H\x1b[6n');
  });
}

/** The size to draw in, and told to the kernel, so that the shell has it too. Never more than the screen has. */
export async function findSize({ input, output }: Terminal): Promise<Size> {
  if (output.columns > 0 && output.rows > 0) return { columns: output.columns, rows: output.rows };
  input.setRawMode?.(true);
  const size = (await askSize(input, output, 700)) ?? fallback;
  for (const [name, value] of Object.entries(size))
    Object.defineProperty(output, name, { value, configurable: true, writable: true });
  // After that: it would be taken for a change, and all be drawn anew.
  tellKernel(size);
  return size;
}

function tellKernel(size: Size): void {
  const console = process.env.REKINDLE_CONSOLE;
  if (!console) return;
  try {
    const fd = openSync(`/dev/${console}`, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    try {
      setWindowSize(fd, size);
    } finally {
      closeSync(fd);
    }
  } catch {
    // The menu has its size; the shell asks again or takes 80x24.
  }
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
