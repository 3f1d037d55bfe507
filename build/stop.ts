import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Signals that would end this process where it stands. A crash (SIGSEGV) does, and what Node cannot hear (SIGKILL, real-time signals). */
const endingSignals = [
  ...(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGABRT', 'SIGTRAP', 'SIGSYS', 'SIGUSR1', 'SIGUSR2', 'SIGPWR'] as const),
  ...(['SIGALRM', 'SIGVTALRM', 'SIGPROF', 'SIGXCPU', 'SIGIO', 'SIGSTKFLT'] as const),
];

/** After the work was told to stop. What does not hear (a read from a dead mount) is left behind. Seconds. */
const patience = 30;

/** Field 7 of proc(5)'s stat, counted behind the name: 0 without a terminal. */
function hasTerminal(): boolean {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[7 - 3] !== '0';
}

/**
 * A terminal that hangs up concerns us where we read or write it. Under nohup nothing of ours is on it any more; that it ignores
 * SIGHUP cannot be seen here, for Node sets signals back when it starts.
 */
function heedsHangup(): boolean {
  return [0, 1, 2].some((fd) => isatty(fd)) || !hasTerminal();
}

/**
 * Does work that a signal, an exception that nobody caught and a rejection that nobody handled stop by `signal`, so that what was
 * begun is undone. A second signal changes nothing: what is being undone goes on.
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const fail = (error: unknown): void => stop.abort(new UncaughtError(error));
  const ignore = (): void => undefined;
  for (const signal of endingSignals) process.on(signal, end);
  process.on('SIGHUP', heedsHangup() ? end : ignore);
  // Beyond RLIMIT_FSIZE: what writes is told so, too (EFBIG).
  process.on('SIGXFSZ', ignore);
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  try {
    return await work(stop.signal);
  } finally {
    // What was left behind would keep the process.
    if (stop.signal.aborted) setTimeout(() => process.exit(process.exitCode ?? 1), 3000).unref();
  }
}

/** Why the work was stopped: a bug, or what Node reports to nobody. */
export class UncaughtError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Gives up on work that goes on though it was told to stop. @throws Error then, and what the work throws */
export async function unlessStuck<T>(work: Promise<T>, signal: AbortSignal, seconds = patience): Promise<T> {
  const stuck = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => stuck.reject(new Error(`it did not stop within ${seconds} seconds`)), seconds * 1000);
  };
  signal.addEventListener('abort', begin, { once: true });
  try {
    return await Promise.race([work, stuck.promise]);
  } finally {
    signal.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
}
