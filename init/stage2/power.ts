import { writeFileSync } from 'node:fs';
import { MNT_DETACH, mount, mountFlags, reboot, sync, umount } from '@rekindle/linux-syscalls';
import { listConsoles, writeConsoles } from '../consoles.ts';
import { mountPoints } from '../kernel-file-systems.ts';
import { executablePath } from '../root/switch-root.ts';
import { attempt, log } from './log.ts';
import { waitForEnd } from './processes.ts';
import { stopRestarts } from './supervise.ts';

export type PowerAction = 'restart' | 'powerOff';

/** How PID 1 is asked: SIGTERM and Ctrl-Alt-Del's SIGINT restart, SIGUSR2 powers off. */
export const powerSignals = { restart: 'SIGTERM', powerOff: 'SIGUSR2' } as const;

const graceMs = 5000;
const killMs = 2000;

let going = false;

/** Ends every process, writes everything to the disks, and reboots or powers off: by reboot(2), then by sysrq. Never throws. */
export async function shutDown(action: PowerAction): Promise<void> {
  if (going) return;
  going = true;
  stopRestarts();
  const what = action === 'restart' ? 'Rebooting' : 'Powering off';
  log(`${what}; consoles: ${listConsoles().join(' ')}`);
  writeConsoles(`\u001b[0m\u001b[?25h\n${what}.\n`);
  try {
    await endProcesses();
    sync();
    unmountAll();
    sync();
  } catch (error) {
    log(`shutting down: ${error instanceof Error ? error.message : String(error)}`);
  }
  attempt('reboot(2)', () => reboot(action));
  attempt('sysrq', () => writeFileSync('/proc/sysrq-trigger', action === 'restart' ? 'b' : 'o'));
}

/** Shells do not heed SIGTERM, but a hang-up. */
async function endProcesses(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGCONT'] as const) signalAll(signal);
  const living = await waitForEnd(graceMs);
  if (living.length === 0) return;
  log(`killing ${living.join(', ')}`);
  signalAll('SIGKILL');
  const left = await waitForEnd(killMs);
  if (left.length > 0) log(`cannot be killed: ${left.join(', ')}`);
}

function signalAll(signal: NodeJS.Signals): void {
  try {
    process.kill(-1, signal);
  } catch {
    // ESRCH: no process is left.
  }
}

/** What the rescue system itself stands on. */
function isOurs(path: string): boolean {
  return path === '/' || path === executablePath || /^\/(proc|sys|dev)(\/|$)|^\/run(\/rekindle\/|$)/.test(path);
}

/** Restored disks must be clean: all but our own is unmounted, the last mounted first; what is busy is made read-only. */
function unmountAll(): void {
  for (const path of mountPoints().reverse()) {
    if (isOurs(path)) continue;
    try {
      umount(path);
    } catch {
      attempt(`${path} stays mounted`, () => {
        mount('', path, '', mountFlags.MS_REMOUNT | mountFlags.MS_RDONLY);
        umount(path, MNT_DETACH);
      });
    }
  }
}
