import { readFileSync } from 'node:fs';

const least = 24 << 20;
const most = 160 << 20;
/** Of what is free: tar, the page cache of the disk being filled and the menus want the rest. */
const share = 8;

/** What frames in flight may take, in bytes: little on a rescue system with 512 MiB, enough for all cores elsewhere. */
export function frameMemory(): { memory: number } {
  let available = most * share;
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    if (kilobytes !== undefined) available = Number(kilobytes) * 1024;
  } catch {
    // Without /proc nobody knows; the most that is sensible then.
  }
  return { memory: Math.min(most, Math.max(least, Math.floor(available / share))) };
}
