import { readFileSync } from 'node:fs';

const least = 24 << 20;
const most = 160 << 20;
/** Of what is free: tar, the page cache of the disk being filled and the menus want the rest. */
const share = 8;

const leastAhead = 4 << 20;
const mostAhead = 256 << 20;

/** Below this much free memory one thread has to do: each has a heap of its own. Bytes. */
const roomForThreads = 256 << 20;

/** Below this reading a whole set pushes out the programs that do it: they would be read from the disc again and again. Bytes. */
const roomToVerify = 96 << 20;

/** Whether a set can be read through beside a menu without both coming to a halt. */
export function isRoomToVerify(): boolean {
  return availableMemory() >= roomToVerify;
}

/** What frames in flight may take: little on a rescue system with 512 MiB, enough for all cores elsewhere. Bytes. */
export function frameMemory(): { memory: number; threads?: number } {
  const available = availableMemory();
  const memory = Math.min(most, Math.max(least, Math.floor(available / share)));
  return available < roomForThreads ? { memory, threads: 1 } : { memory };
}

/** What a walk before tar may have read for it and kept in the page cache: the disk's work while tar looks at directories, and no more. Bytes. */
export function aheadMemory(): number {
  return Math.min(mostAhead, Math.max(leastAhead, Math.floor(availableMemory() / share)));
}

/** Bytes that programs can still have. */
function availableMemory(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Without /proc nobody knows; the most that is sensible then.
  }
  return most * share;
}
