import { appendFileSync, writeSync } from 'node:fs';
import { type ErrorReport, renderReport } from '../common/errors/error.ts';

const lines: string[] = [];
let debug = false;

/** From now on every detail goes to the console too. */
export function sayEverything(): void {
  debug = true;
}

function write(text: string): void {
  try {
    writeSync(1, `${text}\r\n`);
  } catch {
    // Without a console there is nobody to tell; the lines stay in the log.
    lines.push('(the console did not take this line)');
  }
}

/** One line on the console and in the log. */
export function say(text: string): void {
  lines.push(text);
  write(text);
}

/** One line in the log; on the console only with rekindle.debug. */
export function note(text: string): void {
  lines.push(text);
  if (debug) write(text);
}

export function sayReport(report: ErrorReport): void {
  for (const line of renderReport(report).split('\n')) say(line);
}

/** Appends what was said so far to the log file and forgets it. */
export function flushLog(file: string): void {
  appendFileSync(
    file,
    lines
      .splice(0)
      .map((line) => `init: ${line}\n`)
      .join(''),
    { mode: 0o600 },
  );
}
