import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

const folders = ['/dev/disk/by-id', '/dev/disk/by-path'];

/** What udev calls the disks of this machine by their hardware, '/dev/disk/by-id/ata-...', and the device behind each. Empty without udev. */
export async function readLinks(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await readdir(folder).catch((): string[] => [])) {
      const link = join(folder, name);
      const device = await realpath(link).catch(() => null);
      if (device !== null) found.set(link, await mappedName(device));
    }
  }
  return found;
}

/** lsblk calls 'dm-0' by its name below /dev/mapper. */
async function mappedName(device: string): Promise<string> {
  const number = /^\/dev\/(dm-\d+)$/.exec(device)?.[1];
  if (number === undefined) return device;
  for (const name of await readdir('/dev/mapper').catch((): string[] => [])) {
    const path = join('/dev/mapper', name);
    if ((await realpath(path).catch(() => null)) === device) return path;
  }
  return device;
}
