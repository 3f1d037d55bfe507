import { once } from 'node:events';
import { visible, visibleJson } from './visible.ts';

/** Standard output, or standard error; a test's own. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Lines for people: the only way to a terminal for the command line, so that no name or message from outside can steer it. What
 * would end a line within one is shown, too: a host name cannot make up a line of ours.
 */
export function printLines(lines: readonly string[], output: Output = process.stdout): void {
  output.write(lines.map((line) => `${visible(line)}\n`).join(''));
}

/** Waits until what was printed is on its way: for lines without number, so that a slow reader does not fill our memory. */
export async function untilPrinted(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
}

/** The same on standard error, beside the results: what went wrong, what is being done. */
export function printErrorLines(lines: readonly string[]): void {
  printLines(lines, process.stderr);
}

/** JSON for programs, exact. @param indent 0: all on one line */
export function printJson(value: unknown, indent = 2): void {
  process.stdout.write(`${visibleJson(value, indent)}\n`);
}

/** A text that must come out byte for byte, because it is made to be run: whoever wrote it answers for what a terminal makes of it. */
export function printExact(text: string): void {
  process.stdout.write(text);
}

let isQuiet = false;

/** From now on no progress is shown, only results and errors. */
export function silenceProgress(quiet = true): void {
  isQuiet = quiet;
}

/** Lines that say how far the work is: none where nobody wants them. */
export function printProgress(lines: readonly string[], output: Output = process.stderr): void {
  if (!isQuiet) printLines(lines, output);
}

/** A line of a terminal that the next one takes the place of; none where there is no terminal. '' takes it away. */
export function printStatus(text: string, output: Output = process.stderr): void {
  if (output.isTTY && !isQuiet) output.write(`\r\x1b[K${visible(text)}`);
}
