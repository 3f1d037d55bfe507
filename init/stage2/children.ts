import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { peekDeadChild, reapChild } from '@rekindle/linux-syscalls';

/** Children that libuv waits for: PID 1 must not reap these itself, or Node would never learn of their end. */
const own = new Set<number>();

/** spawn(2) that tells the reaper about the child. */
export function spawnOwn(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(file, args, options);
  const pid = child.pid;
  if (pid !== undefined) {
    own.add(pid);
    child.on('exit', () => own.delete(pid));
  }
  return child;
}

/** Reaps orphans: every dead child that is not libuv's. libuv's own are left for its handler, and looked past later. */
function reapOrphans(): void {
  for (;;) {
    const pid = peekDeadChild();
    if (pid === null) return;
    if (own.has(pid)) {
      // The kernel shows this one again until libuv took it; orphans may stand behind it.
      setTimeout(reapOrphans, 20);
      return;
    }
    reapChild(pid);
  }
}

/** Starts reaping on SIGCHLD. A slow timer covers signals that were merged while the loop was busy. */
export function startReaper(): void {
  process.on('SIGCHLD', () => setImmediate(reapOrphans));
  setInterval(reapOrphans, 2000).unref();
}
