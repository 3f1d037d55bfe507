import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { run } from '../../common/run.ts';
import { listBlockDevices } from '../layout/lsblk.ts';
import { type BootEntry, readBootEntries } from './nvram.ts';

export function isUefi(): boolean {
  return existsSync('/sys/firmware/efi');
}

/** This machine's firmware, as a plan needs it: the one being restored to, not the saved one. */
export interface Here {
  firmware: 'bios' | 'uefi';
  bootEntries: BootEntry[];
  /** Partition GUIDs by disk ('/dev/vda'), lower case. */
  partitionIds: { disk: string; id: string }[];
  /** RAM: the cost of a key derivation must fit. */
  memoryBytes?: number;
}

const efivars = '/sys/firmware/efi/efivars';

/** Asks this machine's firmware; mounts efivarfs when nobody did. */
export async function probeHere(): Promise<Here> {
  const partitionIds = await listPartitionIds();
  const memoryBytes = totalmem();
  if (!isUefi()) return { firmware: 'bios', bootEntries: [], partitionIds, memoryBytes };
  const variables = await readdir(efivars).catch(() => []);
  // 32: no such file system or busy; then there are no entries to read and the plan says so.
  if (variables.length === 0) await run(['mount', '-t', 'efivarfs', 'efivarfs', efivars], { okExit: [0, 32] });
  return { firmware: 'uefi', bootEntries: await readBootEntries(efivars), partitionIds, memoryBytes };
}

async function listPartitionIds(): Promise<Here['partitionIds']> {
  return (await listBlockDevices()).flatMap((disk) =>
    disk.children.flatMap(({ partuuid }) =>
      partuuid === null ? [] : [{ disk: disk.path, id: partuuid.toLowerCase() }],
    ),
  );
}
