import { appendFileSync } from 'node:fs';
import { barredLines } from '../common/barred-lines.ts';
import { type ErrorReport, renderReport } from '../common/errors/error.ts';
import { writeConsoles } from './consoles.ts';

/** Where stage 1, stage 2 and the engine write what happened. */
export const logFile = '/run/rekindle/rekindle.log';

const lines: string[] = [];
let debug = false;

/** From now on every detail goes to the consoles too. */
export function sayEverything(): void {
  debug = true;
}

function keep(text: string): void {
  lines.push(...barredLines(`${new Date().toISOString().slice(11, 23)} init: `, text));
}

function shownLines(text: string): string {
  return barredLines('', text)
    .map((line) => `${line}\n`)
    .join('');
}

/** One line on every console and in the log. */
export function say(text: string): void {
  keep(text);
  writeConsoles(shownLines(text));
}

/** One line in the log; on the consoles only with rekindle.debug. */
export function note(text: string): void {
  keep(text);
  if (debug) writeConsoles(shownLines(text));
}

/** A failure for people: what, why, what to do next. */
export function sayReport(report: ErrorReport): void {
  for (const line of renderReport(report).split('\n')) say(line);
}

/** Appends what was said so far to the log file. Never throws: the lines are kept for the next time. */
export function flushLog(): void {
  try {
    appendFileSync(logFile, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    lines.length = 0;
  } catch (error) {
    keep(`the log could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
