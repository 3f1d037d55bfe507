import { appendFileSync, writeSync } from 'node:fs';
import { barredLines } from '../../common/barred-lines.ts';
import { logFile } from '../say.ts';

/** One line in the log of the rescue system; a full memory must not stop PID 1. */
export function log(text: string): void {
  const entry = barredLines(`${new Date().toISOString().slice(11, 23)} init: `, text);
  const lines = entry.map((line) => `${line}\n`).join('');
  try {
    appendFileSync(logFile, lines, { mode: 0o600 });
  } catch {
    try {
      writeSync(2, lines);
    } catch {
      // Neither a log nor a console: there is nobody to tell.
    }
  }
}

/** Does something that may fail without harm to the rest; what failed is in the log. */
export function attempt(what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
