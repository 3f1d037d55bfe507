import { appendFileSync } from 'node:fs';
import { barredLines } from '../../common/barred-lines.ts';

const newest: string[] = [];
const shown = 200;
let listener: () => void = () => undefined;
let file: string | null = null;

/** Where lines go, and who is told of each new one. */
export function openLog(path: string, onLine: () => void): void {
  file = path;
  listener = onLine;
}

/** What happened, with the time; never a secret. A log that cannot be written must not stop a restore. */
export function log(text: string): void {
  const lines = barredLines(`${new Date().toISOString().slice(11, 19)} `, text);
  newest.push(...lines);
  newest.splice(0, newest.length - shown);
  if (file !== null) {
    try {
      appendFileSync(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    } catch (error) {
      newest.push(`(the log file does not take lines: ${error instanceof Error ? error.message : String(error)})`);
      file = null;
    }
  }
  listener();
}

/** The newest lines, oldest first. */
export function newestLines(): string[] {
  return [...newest];
}
