import { readFileSync } from 'node:fs';

/** MemAvailable of /proc/meminfo in bytes. */
export function availableMemory(): number {
  return Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024;
}
