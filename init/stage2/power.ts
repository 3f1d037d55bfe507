import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MNT_DETACH, mount, mountFlags, reboot, sync, umount } from '@rekindle/linux-syscalls';
import { listConsoles } from '../shell.ts';
import { log } from './log.ts';
import { stopRestarts } from './supervise.ts';

export type PowerAction = 'restart' | 'powerOff';

let going = false;

/** Ends every process, writes everything to the disks, and reboots or powers off: by reboot(2), then by sysrq. */
export async function shutDown(action: PowerAction): Promise<void> {
  if (going) return;
  going = true;
  stopRestarts();
  log(action === 'restart' ? 'rebooting' : 'powering off');
  for (const name of listConsoles()) announce(name, action);
  signalAll('SIGTERM');
  await sleep(1500);
  signalAll('SIGKILL');
  await sleep(200);
  sync();
  unmountAll();
  sync();
  try {
    reboot(action);
  } catch (error) {
    log(`reboot(2): ${error instanceof Error ? error.message : String(error)}`);
    writeFileSync('/proc/sysrq-trigger', action === 'restart' ? 'b' : 'o');
  }
}

function announce(name: string, action: PowerAction): void {
  try {
    writeFileSync(`/dev/${name}`, `\r\n${action === 'restart' ? 'Rebooting.' : 'Powering off.'}\r\n`);
  } catch {
    log(`console ${name} is gone`);
  }
}

function signalAll(signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-1, signal);
  } catch {
    log('no process is left');
  }
}

/** Real disks must be clean; what is busy is made read-only, then detached. */
function unmountAll(): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n').reverse();
  for (const line of mounts) {
    const [source = '', target = ''] = line.split(' ');
    if (!source.startsWith('/dev/') || source.startsWith('/dev/loop')) continue;
    const path = target.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    try {
      umount(path);
    } catch {
      try {
        mount('', path, '', mountFlags.MS_REMOUNT | mountFlags.MS_RDONLY);
        umount(path, MNT_DETACH);
      } catch (error) {
        log(`${path} stays mounted: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
