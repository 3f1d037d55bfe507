import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** PF_KTHREAD of linux/sched.h */
const kernelThread = 0x00200000;

export interface Process {
  pid: number;
  parent: number;
  name: string;
}

/** Processes that are neither PID 1, kernel threads nor dead. */
export function livingProcesses(): Process[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === 1) return [];
    try {
      return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'), pid);
    } catch {
      return []; // it ended in between
    }
  });
}

/** /proc/PID/stat: the name stands in parentheses and may itself hold some; state, parent and flags are fields 3, 4 and 9. */
export function parseStat(text: string, pid: number): Process[] {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return [];
  if ((Number(fields[6]) & kernelThread) !== 0) return [];
  return [{ pid, parent: Number(fields[1]), name: text.slice(text.indexOf('(') + 1, end) }];
}

/** Waits until no process is left. Gives the names of those that are after `timeoutMs`. */
export async function waitForEnd(timeoutMs: number): Promise<string[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const living = livingProcesses();
    if (living.length === 0 || performance.now() >= deadline) return living.map(({ name }) => name);
    await sleep(50);
  }
}
