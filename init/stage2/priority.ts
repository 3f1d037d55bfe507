import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { attempt } from './log.ts';
import { livingProcesses } from './processes.ts';

/**
 * While the machine starts, all but the menus steps back: with two processors the drivers of all devices and the engine
 * would otherwise keep the first picture waiting for seconds.
 */
const steppedBackNice = 10;
let starting = true;
const steppedBack = new Set<number>();

/** A program, and what it will start, gives way until `endStart`. Never throws. */
export function stepBack(pid: number | undefined): void {
  if (!starting || pid === undefined) return;
  attempt('priority', () => setPriority(pid, steppedBackNice));
  steppedBack.add(pid);
}

/** The picture is there: everything is equal from now on, down to each thread (a priority belongs to a thread). */
export function endStart(): void {
  starting = false;
  for (const { pid, parent } of livingProcesses()) {
    if (!steppedBack.has(pid) && !steppedBack.has(parent)) continue;
    attempt('priority', () => {
      for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), 0);
    });
  }
  steppedBack.clear();
}
