import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { writeConsole } from '../consoles.ts';
import { logFile } from '../say.ts';
import { onTerminal } from '../terminal.ts';
import { spawnOwn } from './children.ts';
import { log } from './log.ts';
import { stepBack } from './priority.ts';

export interface Service {
  name: string;
  argv: readonly [string, ...string[]];
  /** 'tty1': its controlling terminal; without one it writes to the log file. */
  console?: string;
  /** Of a serial line, bits per second. */
  speed?: number | null;
  /** False: gives way to the menus while the machine starts. */
  urgent?: boolean;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** A child that lived this long has started well: its next restart is quick again. */
const stableMs = 10_000;
/** Colours off, cursor on, main screen: what a screen that died leaves behind. */
const resetScreen = '\u001b[0m\u001b[?25h\u001b[?1049l\n';

let stopping = false;

/** No more restarts: the machine is going down. */
export function stopRestarts(): void {
  stopping = true;
}

/** What every child gets; nothing of PID 1's own environment. */
export const environment: Record<string, string> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: '/root',
  USER: 'root',
  SHELL: '/bin/bash',
};

/** How long to wait before starting a child again that lived `livedMs`, and the delay after that one. */
export function nextDelay(delayMs: number, livedMs: number): { wait: number; next: number } {
  const wait = livedMs >= stableMs ? firstDelayMs : delayMs;
  return { wait, next: Math.min(wait * 2, longestDelayMs) };
}

/** Keeps a child running: it is started again after its end, with a delay that doubles up to 30 s. Never throws. */
export function supervise(service: Service): void {
  let delay = firstDelayMs;
  const start = (): void => {
    if (stopping) return;
    const started = performance.now();
    startOnce(service, (why) => {
      if (stopping) return;
      const { wait, next } = nextDelay(delay, performance.now() - started);
      delay = next;
      const line = `${service.name}: ${why}; starts again in ${wait / 1000} s`;
      log(line);
      if (service.console) writeConsole(service.console, `${resetScreen}${line}\n`);
      setTimeout(start, wait);
    });
  };
  start();
}

/** Starts the child; `ended` is called once, with what happened. */
function startOnce(service: Service, ended: (why: string) => void): void {
  let told = false;
  const tell = (why: string): void => {
    if (told) return;
    told = true;
    ended(why);
  };
  try {
    const child = spawnService(service);
    if (service.urgent === false) stepBack(child.pid);
    child.on('error', (error) => tell(`${service.argv[0]} did not start: ${error.message}`));
    child.on('exit', (code, signal) => tell(signal ? `ended by ${signal}` : `${service.argv.join(' ')}: exit ${code}`));
  } catch (error) {
    tell(`${service.argv[0]} did not start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function spawnService({ argv, console, speed }: Service): ChildProcess {
  const fd = openSync(logFile, 'a', 0o600);
  const cwd = existsSync('/root') ? '/root' : '/';
  try {
    if (console === undefined)
      return spawnOwn(argv[0], argv.slice(1), { stdio: ['ignore', fd, fd], detached: true, cwd, env: environment });
    const { file, args, env } = onTerminal(console, argv, speed ?? null);
    return spawnOwn(file, args, { stdio: ['ignore', fd, fd], detached: true, cwd, env: { ...environment, ...env } });
  } finally {
    closeSync(fd);
  }
}
