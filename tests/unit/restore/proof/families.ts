import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Device } from '../../../../restore/proof/device.ts';
import type { MountedAt } from '../../../../restore/proof/mounted-at.ts';
import { Root } from '../../../../restore/proof/read/root.ts';
import type { Subject } from '../../../../restore/proof/subject.ts';

export const rootId = 'aaaaaaaa-0000-4000-8000-000000000001';
export const bootId = 'bbbbbbbb-0000-4000-8000-000000000002';

export function device(path: string, changes: Partial<Device> = {}): Device {
  return {
    path,
    aliases: [],
    type: 'part',
    sizeBytes: 10 ** 10,
    sectorBytes: 512,
    content: 'ext4',
    uuid: null,
    label: null,
    partitionId: null,
    partitionLabel: null,
    partitionType: null,
    below: ['/dev/vda'],
    ...changes,
  };
}

export const disk = device('/dev/vda', { type: 'disk', content: null, below: [] });

/** A tree of files ('-> target' for a link) as a system on these devices. */
export function systemOf(
  directory: string,
  files: Record<string, string | Buffer>,
  devices: Device[],
  mounts: MountedAt[],
): Subject {
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof content === 'string' && content.startsWith('-> ')) symlinkSync(content.slice(3), file);
    else writeFileSync(file, content);
  }
  return {
    root: new Root(directory),
    mounts,
    devices: [disk, ...devices],
    disks: ['/dev/vda'],
    firmware: 'uefi',
    bootEntries: [],
    architecture: 'x86_64',
    controllers: () => ['nvme'],
    space: async () => ({ freeBytes: 10 ** 9, totalBytes: 10 ** 10, freeInodes: 10 ** 5, totalInodes: 10 ** 6 }),
  };
}
