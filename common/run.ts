import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { commandStarted } from './commands-run.ts';
import { RekindleError } from './errors/error.ts';
import { searchPath } from './find-program.ts';
import { shellWord } from './shell-word.ts';
import { startFailure } from './start-failure.ts';

export interface RunOptions {
  /** Bytes for standard input; without it standard input is closed. */
  input?: string | Uint8Array;
  cwd?: string;
  /** Exit codes that count as success; [0] unless told. */
  okExit?: readonly number[];
  /** Added to the clean environment (PATH, LANG=C.UTF-8, HOME). */
  env?: Record<string, string>;
  /** It is ended then; one that waits for a dead disk or server, which nothing ends, is left behind. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface RunResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** The environment of every outside command: nothing of the caller's but PATH. */
export const cleanEnvironment: Record<string, string> = {
  PATH: searchPath.join(':'),
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  HOME: '/root',
};

/** The command as a line that can be pasted into a shell. */
export function renderArgv(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ');
}

/**
 * Runs an outside command without a shell, LANG=C.UTF-8, standard input closed.
 * @throws RekindleError RK004 when it is not there, RK008 when it is and cannot be started, RK003 with its last words when its exit code is not in `okExit`.
 */
export async function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const [file, ...args] = argv;
  const ended = commandStarted(argv);
  const child = execa(file, args, {
    reject: false,
    stripFinalNewline: false,
    extendEnv: false,
    env: { ...cleanEnvironment, ...options.env },
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    maxBuffer: 256 * 1024 * 1024,
  });
  const result = await (options.timeoutMs === undefined ? child : within(child, options.timeoutMs + toEnd));
  if (result === null) {
    leaveBehind(child);
    ended('does not end');
    throw new RekindleError('RK003', `${renderArgv(argv)}: ran out of time, and does not end`);
  }
  ended(result.signal ?? result.code ?? `exit ${result.exitCode}`);
  if (isOfSpawn(result.cause)) throw await startFailure(result.cause, { argv, cwd: options.cwd });
  const exitCode = result.exitCode ?? -1;
  const stdout = String(result.stdout ?? '');
  const stderr = String(result.stderr ?? '');
  if (!(options.okExit ?? [0]).includes(exitCode)) {
    const how = result.signal
      ? `was ended by ${result.signal}`
      : result.timedOut
        ? 'ran out of time'
        : `exit ${exitCode}`;
    const words = lastWords(stderr || stdout || result.shortMessage || '');
    throw new RekindleError('RK003', `${renderArgv(argv)}: ${how}: ${words}`);
  }
  return { stdout, stderr, exitCode };
}

/** No program ran: `syscall` is "spawn NAME". */
function isOfSpawn(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause && String(cause.syscall).startsWith('spawn');
}

/** What SIGTERM and SIGKILL get, together with execa's time between them. Milliseconds. */
const toEnd = 7000;

/** Null: it takes longer. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  const ended = new AbortController();
  try {
    return await Promise.race([promise, wait(milliseconds, null, { signal: ended.signal })]);
  } finally {
    ended.abort();
  }
}

/** What does not end holds neither us nor our end up. */
function leaveBehind({ nodeChildProcess: child }: { nodeChildProcess: ChildProcess }): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

/** A tool's last few lines: what a person needs of its output. */
export function lastWords(text: string, lines = 4): string {
  return text.trim().split('\n').slice(-lines).join(' / ').slice(-800);
}
