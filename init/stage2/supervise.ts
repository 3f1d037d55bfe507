import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { visible } from '../../common/visible.ts';
import { writeConsole } from '../consoles.ts';
import { logFile } from '../say.ts';
import { onTerminal } from '../terminal.ts';
import { spawnOwn } from './children.ts';
import { environment } from './environment.ts';
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
  /** Runs already: it is the first of its kind, and only the next one is started. */
  running?: ChildProcess | null;
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

/** How long to wait before starting a child again that lived `livedMs`, and the delay after that one. */
export function nextDelay(delayMs: number, livedMs: number): { wait: number; next: number } {
  const wait = livedMs >= stableMs ? firstDelayMs : delayMs;
  return { wait, next: Math.min(wait * 2, longestDelayMs) };
}

/** Keeps a child running: it is started again after its end, with a delay that doubles up to 30 s. Never throws. */
export function supervise(service: Service): void {
  let delay = firstDelayMs;
  let running = service.running ?? null;
  const start = (): void => {
    if (stopping) return;
    const started = performance.now();
    startOnce(service, running, (why) => {
      running = null;
      if (stopping) return;
      const { wait, next } = nextDelay(delay, performance.now() - started);
      delay = next;
      const line = `${service.name}: ${why}; starts again in ${wait / 1000} s`;
      log(line);
      if (service.console) writeConsole(service.console, `${resetScreen}${visible(line)}\n`);
      setTimeout(start, wait);
    });
  };
  start();
}

/** Starts the child unless it is running; `ended` is called once, with what happened. */
function startOnce(service: Service, running: ChildProcess | null, ended: (why: string) => void): void {
  let told = false;
  const tell = (why: string): void => {
    if (told) return;
    told = true;
    ended(why);
  };
  try {
    const child = running ?? spawnService(service);
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
