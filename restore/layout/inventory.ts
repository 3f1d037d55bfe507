import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { spaceOf } from '../../common/look.ts';
import { run } from '../../common/run.ts';
import type { Machine } from '../archive/set-schema.ts';
import { isUefi } from '../bootloader/firmware.ts';
import { devicesOf } from './btrfs-capture.ts';
import { type BlockDevice, listBlockDevices } from './lsblk.ts';
import { type FstabEntry, listFstab, listMounts, listSwaps, type Mount } from './mounts.ts';

/** What the running machine says of its storage, before any choice is made. */
export interface Inventory {
  machine: Machine;
  devices: BlockDevice[];
  mounts: Mount[];
  fstab: FstabEntry[];
  swaps: string[];
  /** Device nodes of each btrfs that is mounted on several, by the one that findmnt names. */
  btrfsDevices?: Record<string, string[]>;
}

/** Asks the running machine. Changes nothing, but an automount of the ESP is woken. */
export async function takeInventory(): Promise<Inventory> {
  await Promise.all(['/boot', '/boot/efi', '/efi'].map((path) => spaceOf(path)));
  const [machine, devices, mounts, fstab, swaps] = await Promise.all([
    describeMachine(),
    listBlockDevices(),
    listMounts(),
    listFstab(),
    listSwaps(),
  ]);
  return { machine, devices, mounts, fstab, swaps, btrfsDevices: await findBtrfsDevices(mounts) };
}

async function findBtrfsDevices(mounts: readonly Mount[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { fstype, source, target } of mounts) {
    const device = source.replace(/\[.*\]$/, '');
    if (fstype === 'btrfs') found[device] ??= await devicesOf(target);
  }
  return found;
}

async function describeMachine(): Promise<Machine> {
  const hostname = (await readFile('/proc/sys/kernel/hostname', 'utf8')).trim();
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const os = /^PRETTY_NAME=(?:"(.*)"|'(.*)'|(.*))$/m.exec(osRelease);
  const arch = (await run(['uname', '-m'])).stdout.trim();
  return {
    hostname,
    os: os?.[1] ?? os?.[2] ?? os?.[3] ?? 'Linux',
    kernel: release(),
    arch,
    firmware: isUefi() ? 'uefi' : 'bios',
  };
}
