import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isSea } from 'node:sea';
import { ErrnoError, keepOnExec } from '@rekindle/linux-syscalls';
import { RekindleError } from '../common/errors/error.ts';
import { searchPath } from '../common/find-program.ts';

/** What this process becomes for a moment. */
export const unshareArgv = ['unshare', '--mount', '--propagation', 'private', '--'] as const;

const marker = 'REKINDLE_PRIVATE_MOUNTS';

function isPrivate(): boolean {
  return process.env[marker] === String(process.pid);
}

/** The words behind the program's name: a single executable has itself at argv[1], Node its script. */
function ownArguments(): string[] {
  return isSea() ? process.argv.slice(2) : [...process.execArgv, ...process.argv.slice(1)];
}

/**
 * Starts this program again in a mount namespace of its own. What it mounts there vanishes with it, even when it is
 * killed: nothing can be left mounted on the machine. Returns only inside.
 * @param secretFds file descriptors that are read there; without it others would have their numbers
 * @throws RekindleError RK329 when one of them is not open; what execve(2) says of `unshareArgv`
 */
export function enterPrivateMounts(secretFds: readonly number[] = []): void {
  if (isPrivate()) return;
  for (const fd of secretFds) keepOpen(fd);
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) environment[name] = value;
  environment[marker] = String(process.pid); // execve keeps the process
  const unshare = searchPath.map((folder) => join(folder, 'unshare')).find((path) => existsSync(path));
  process.execve?.(unshare ?? '/usr/bin/unshare', [...unshareArgv, process.execPath, ...ownArguments()], environment);
}

function keepOpen(fd: number): void {
  try {
    keepOnExec(fd);
  } catch (error) {
    if (error instanceof ErrnoError) throw new RekindleError('RK329', `file descriptor ${fd}: ${error.code}`);
    throw error;
  }
}

/** Nothing may be mounted where the machine would see it. @throws Error: a bug, not a user's mistake. */
export function assertPrivateMounts(): void {
  if (!isPrivate()) throw new Error('this needs a mount namespace of its own: call enterPrivateMounts() first');
}
