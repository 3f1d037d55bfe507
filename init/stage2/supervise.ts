import { closeSync, openSync } from 'node:fs';
import { spawnOwn } from './children.ts';
import { log } from './log.ts';

export interface Service {
  name: string;
  argv: readonly [string, ...string[]];
  /** Terminal for standard input, output and error; without one they go to the log file. */
  tty?: string;
  env?: Record<string, string>;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** A child that lived this long has started well: its next restart is quick again. */
const stableMs = 10_000;

let stopping = false;

/** No more restarts: the machine is going down. */
export function stopRestarts(): void {
  stopping = true;
}

export const environment: Record<string, string> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: '/root',
  USER: 'root',
  SHELL: '/bin/bash',
};

/** Keeps a child running: it is started again after its end, with a delay that doubles up to 30 s. */
export function supervise(service: Service): void {
  let delay = firstDelayMs;
  const start = (): void => {
    if (stopping) return;
    const started = Date.now();
    const again = (why: string): void => {
      if (stopping) return;
      if (Date.now() - started >= stableMs) delay = firstDelayMs;
      log(`${service.name}: ${why}; again in ${delay / 1000} s`);
      setTimeout(start, delay);
      delay = Math.min(delay * 2, longestDelayMs);
    };
    startOnce(service, again);
  };
  start();
}

function startOnce(service: Service, ended: (why: string) => void): void {
  const output = service.tty ?? '/run/rekindle/rekindle.log';
  let fd: number;
  try {
    fd = openSync(output, service.tty ? 'r+' : 'a');
  } catch (error) {
    ended(`${output}: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  const [file, ...args] = service.argv;
  let told = false;
  const tell = (why: string): void => {
    if (told) return;
    told = true;
    ended(why);
  };
  try {
    const child = spawnOwn(file, args, {
      stdio: [service.tty ? fd : 'ignore', fd, fd],
      detached: true,
      cwd: '/root',
      env: { ...environment, ...service.env },
    });
    child.on('error', (error) => tell(`${file} did not start: ${error.message}`));
    child.on('exit', (code, signal) => tell(signal ? `ended by ${signal}` : `exit ${code}`));
  } catch (error) {
    tell(`${file} did not start: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    closeSync(fd);
  }
}
