import { readFileSync } from 'node:fs';
import { detachLoop, umount } from '@rekindle/linux-syscalls';
import { mountPoints } from '../kernel-file-systems.ts';
import { mediumMount } from '../medium/inspect.ts';
import { note } from '../say.ts';
import { newRoot, rootMounts } from './rd-base.ts';

/** Which loop device, if any, is mounted there. */
function loopOf(target: string): string | null {
  const line = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('/dev/loop') && one.split(' ')[1] === target);
  return line?.split(' ')[0] ?? null;
}

/**
 * Takes back what a failed attempt mounted, so that the next one starts clean and the disc can be taken out: a mounted
 * one locks its drive. Never throws.
 */
export function tearDown(): void {
  for (const target of [newRoot, rootMounts.upper, rootMounts.lower, rootMounts.copy, mediumMount]) {
    while (mountPoints().includes(target)) {
      try {
        const loop = loopOf(target);
        umount(target);
        if (loop) detachLoop(loop);
      } catch (error) {
        note(`${target} stays mounted: ${error instanceof Error ? error.message : String(error)}`);
        break;
      }
    }
  }
}
