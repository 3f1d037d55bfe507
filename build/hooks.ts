import { spawn } from 'node:child_process';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandStarted } from '../common/commands-run.ts';
import { RekindleError } from '../common/errors/error.ts';
import { makeTemporaryFolder } from '../common/files/temporary-folder.ts';
import { cleanEnvironment, lastWords } from '../common/run.ts';
import type { HookArgv } from './config.ts';

export interface HookLimits {
  /** For each. */
  timeLimitSeconds: number;
  signal?: AbortSignal;
}

/** From the wish to end to force. Milliseconds. */
const grace = 5000;

/**
 * Runs the commands in order, without a shell. @throws RekindleError RK223 at the first that fails or takes too long:
 * what it should have prepared (a database put to rest) cannot be trusted.
 */
export async function runHooks(hooks: readonly HookArgv[], limits: HookLimits): Promise<void> {
  for (const argv of hooks) {
    limits.signal?.throwIfAborted();
    await runHook(argv, limits);
  }
}

/** Runs all of the commands in order, whatever the others do. @throws RekindleError RK223 naming each that failed */
export async function runEveryHook(hooks: readonly HookArgv[], limits: HookLimits): Promise<void> {
  const failures: string[] = [];
  for (const argv of hooks)
    await runHook(argv, limits).catch((error: unknown) => {
      failures.push(error instanceof RekindleError ? error.reason : String(error));
    });
  if (failures.length > 0) throw new RekindleError('RK223', failures.join('; '));
}

/** A file without a name: a pipe would keep us waiting for, or end, a daemon that the hook starts. */
async function openOutput(): Promise<FileHandle> {
  const directory = await makeTemporaryFolder('rekindle-hook-');
  try {
    return await open(join(directory, 'output'), 'wx+', 0o600);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runHook(argv: HookArgv, limits: HookLimits): Promise<void> {
  const output = await openOutput();
  try {
    const end = await runInGroup(argv, output, limits);
    if (end === 'exit 0') return;
    const { size } = await output.stat();
    const { buffer, bytesRead } = await output.read(Buffer.alloc(4096), 0, 4096, Math.max(0, size - 4096));
    const words = lastWords(buffer.toString('utf8', 0, bytesRead));
    // Its words may hold a secret; the settings file has them.
    throw new RekindleError('RK223', `${basename(argv[0])}: ${end}${words === '' ? '' : `: ${words}`}`);
  } finally {
    await output.close();
  }
}

/** In a session of its own: a second Ctrl-C, or a terminal that hangs up, is not for what wakes a database. */
async function runInGroup(
  argv: HookArgv,
  output: FileHandle,
  { timeLimitSeconds, signal }: HookLimits,
): Promise<string> {
  const [file, ...args] = argv;
  const ended = commandStarted(argv, true);
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = spawn(file, args, { detached: true, stdio: ['ignore', output.fd, output.fd], env: cleanEnvironment });
  child.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  child.on('exit', (code, by) => resolve(by === null ? `exit ${code}` : `ended by ${by}`));
  let why = '';
  const stop = (reason: string): void => {
    if (why !== '') return;
    why = reason;
    // What cannot be killed (it waits for a dead mount) is left behind.
    void killGroup(child.pid).then(() => resolve(reason));
  };
  const timer = setTimeout(() => stop('ran out of time'), timeLimitSeconds * 1000);
  const abort = (): void => stop('stopped on request');
  signal?.addEventListener('abort', abort, { once: true });
  const end = await promise;
  clearTimeout(timer);
  signal?.removeEventListener('abort', abort);
  if (why !== '') sendToGroup(child.pid, 'SIGKILL');
  ended(why || end);
  return why || end;
}

/** All that it started, too. */
async function killGroup(pid: number | undefined): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    sendToGroup(pid, signal);
    await sleep(grace);
  }
}

function sendToGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}
