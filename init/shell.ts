import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { visible } from '../common/visible.ts';
import { writeConsole } from './consoles.ts';
import { flushLog, logFile, note, say } from './say.ts';
import { onTerminal } from './terminal.ts';

/** The shell that is there: bash for people, else any. */
export function shellPath(): string {
  return ['/bin/bash', '/usr/bin/bash', '/bin/sh'].find((path) => existsSync(path)) ?? '/bin/sh';
}

function startShell(console: string): ChildProcess {
  const { file, args, env } = onTerminal(console, [shellPath(), '-i']);
  return spawn(file, args, {
    stdio: 'ignore',
    detached: true,
    cwd: '/',
    env: { ...env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/' },
  });
}

/** Ends a shell on another console, with what runs in it. */
function hangUp(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGHUP');
  } catch (error) {
    note(`shell ${child.pid}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A shell that ends sooner than this with an error did not start: its terminal could not be opened. */
const startMs = 1000;

/** A shell on each of these consoles; resolves when the first of them is left, or when none started. Never rejects. */
export async function runShell(consoles: readonly string[]): Promise<void> {
  say(`A shell on ${consoles.join(', ')}. "exit" goes on. The log: ${logFile}`);
  flushLog();
  const children: ChildProcess[] = [];
  const started = Date.now();
  await new Promise<void>((resolve) => {
    let waiting = consoles.length;
    const failed = (console: string, why: string): void => {
      writeConsole(console, `The shell did not start: ${visible(why)}\n`);
      note(`shell on ${console}: ${why}`);
      waiting -= 1;
      if (waiting === 0) resolve();
    };
    for (const console of consoles) {
      const child = startShell(console);
      children.push(child);
      child.on('error', (error) => failed(console, error.message));
      child.on('exit', (code) => {
        if (code !== 0 && Date.now() - started < startMs) failed(console, `exit ${code}`);
        else resolve();
      });
    }
    if (waiting === 0) resolve();
  });
  for (const child of children) hangUp(child);
}
