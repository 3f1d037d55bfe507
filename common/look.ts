import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { cleanEnvironment } from './run.ts';

/**
 * What a place that may lie on a dead mount said: the server of a network share or of a FUSE mount may be gone, and whoever asks then
 * waits for ever. Null: there is no such place, or it refuses. 'silent': no answer in time.
 */
export type Look<T> = T | null | 'silent';

export interface LookOptions {
  /** What an answer may take, seconds. When not given 15 where a disk may have to spin up, else 5. */
  seconds?: number;
}

/** So much is read of an answer; more is none. Bytes. */
const longest = 1 << 20;

/**
 * Asks by a program of its own, for a system call of ours that never comes back would take a thread with it, and our end. What does not
 * answer is killed and, as nothing kills who waits for a disk, left behind.
 */
async function ask(argv: readonly [string, ...string[]], seconds: number): Promise<Look<string>> {
  const [file, ...args] = argv;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], env: cleanEnvironment, detached: true });
  const stop = new AbortController();
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (part: string) => {
    text += part;
    if (text.length > longest) child.kill('SIGKILL');
  });
  try {
    const ended = once(child, 'close', { signal: stop.signal }).then(([code]) => (code === 0 ? text : null));
    const late = wait(seconds * 1000, 'silent' as const, { signal: stop.signal });
    return await Promise.race([ended.catch(() => null), late]);
  } finally {
    stop.abort();
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.unref();
  }
}

/** What a file system holds, in bytes, as df(1) says it. */
export interface SpaceOf {
  size: number;
  free: number;
  /** To who is not root. */
  available: number;
}

/** Of the file system that a path lies on. A figure beyond 2^53 is saturated there: a file system may claim anything. */
export async function spaceOf(path: string, options: LookOptions = {}): Promise<Look<SpaceOf>> {
  const answer = await ask(['stat', '--file-system', '--format=%b %f %a %S', '--', path], options.seconds ?? 5);
  if (answer === null || answer === 'silent') return answer;
  const figures = /^(\d+) (\d+) (\d+) (\d+)$/.exec(answer.trim());
  if (figures === null) return null;
  const [size = 0, free = 0, available = 0, unit = 0] = figures.slice(1).map(Number);
  const bytes = (blocks: number): number => Math.min(blocks * unit, Number.MAX_SAFE_INTEGER);
  return { size: bytes(size), free: bytes(free), available: bytes(available) };
}

/** The names in a folder, without '.' and '..'. One with a line's end in it comes as several. */
export async function namesIn(folder: string, options: LookOptions = {}): Promise<Look<string[]>> {
  const answer = await ask(['ls', '-1A', '--', folder], options.seconds ?? 15);
  if (answer === null || answer === 'silent') return answer;
  return answer.split('\n').filter((name) => name !== '');
}
