import { appendFileSync } from 'node:fs';

/** One line in the log of the rescue system; a full memory must not stop PID 1. */
export function log(text: string): void {
  try {
    appendFileSync('/run/rekindle/rekindle.log', `${new Date().toISOString().slice(11, 19)} init: ${text}\n`, {
      mode: 0o600,
    });
  } catch {
    process.stderr.write(`init: ${text}\r\n`);
  }
}
