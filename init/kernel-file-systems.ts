import { mkdirSync, readFileSync } from 'node:fs';
import { ErrnoError, mount, mountFlags } from '@rekindle/linux-syscalls';
import { RekindleError } from '../common/errors/error.ts';

const { MS_NOSUID, MS_NODEV, MS_NOEXEC } = mountFlags;

const wanted: readonly [type: string, target: string, flags: number, data: string][] = [
  ['proc', '/proc', MS_NOSUID | MS_NODEV | MS_NOEXEC, ''],
  ['sysfs', '/sys', MS_NOSUID | MS_NODEV | MS_NOEXEC, ''],
  ['devtmpfs', '/dev', MS_NOSUID, 'mode=0755'],
  ['tmpfs', '/run', MS_NOSUID | MS_NODEV, 'mode=0755'],
];

/** Where things are mounted, in the order in which it was done; empty while /proc is not there. */
export function mountPoints(): string[] {
  try {
    return readFileSync('/proc/self/mounts', 'utf8')
      .trim()
      .split('\n')
      .map((line) => decodeMountPoint(line.split(' ')[1] ?? ''));
  } catch {
    return [];
  }
}

/** /proc/self/mounts writes blanks, tabs, newlines and backslashes as octal numbers of bytes. */
export function decodeMountPoint(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Mounts proc, sys, dev and run unless they are mounted. @throws RekindleError RK101 */
export function mountKernelFileSystems(): void {
  for (const [type, target, flags, data] of wanted) {
    if (mountPoints().includes(target)) continue;
    try {
      mkdirSync(target, { recursive: true });
      mount(type, target, type, flags, data);
    } catch (error) {
      // The kernel did it itself (CONFIG_DEVTMPFS_MOUNT).
      if (error instanceof ErrnoError && error.code === 'EBUSY') continue;
      throw new RekindleError('RK101', error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
  mkdirSync('/run/rekindle', { recursive: true, mode: 0o700 });
}
