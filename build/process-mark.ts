import { readFileSync } from 'node:fs';

/** Field 22 of proc(5)'s stat, counted behind the name, which may hold spaces and brackets. In clock ticks since the machine's start. */
const startTime = 22 - 3;

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[startTime] ?? null;
  } catch {
    return null;
  }
}

/**
 * Names a process in the name of what belongs to it: 'number-start'. Another process with the same number, after a restart of the
 * machine say, has another mark.
 */
export function markOf(pid: number): string {
  return `${pid}-${startOf(pid) ?? 0}`;
}

/** Whether that process is still there. @param mark as `markOf` gives it */
export function isAlive(mark: string): boolean {
  const [pid, start] = mark.split('-');
  return startOf(Number(pid)) === start;
}

/** The mark in a name, for regular expressions. */
export const markPattern = '(\\d+-\\d+)';
