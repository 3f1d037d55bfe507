import type { Inventory } from '../../../../restore/layout/inventory.ts';
import type { BlockDevice } from '../../../../restore/layout/lsblk.ts';
import type { Mount } from '../../../../restore/layout/mounts.ts';

let minor = 0;

export function block(changes: Partial<BlockDevice> & { name: string }): BlockDevice {
  minor += 1;
  return {
    path: `/dev/${changes.name}`,
    'maj:min': `999:${minor}`,
    type: 'disk',
    size: 10 * 2 ** 30,
    ro: false,
    rm: false,
    hotplug: false,
    model: null,
    serial: null,
    wwn: null,
    tran: null,
    'log-sec': 512,
    partuuid: null,
    children: [],
    ...changes,
  };
}

export function mounted(source: string, target: string, fstype = 'ext4'): Mount {
  return { source, target, fstype, options: 'rw', fsroot: '/', 'maj:min': '0:77' };
}

export function inventoryOf(changes: Partial<Inventory>): Inventory {
  return {
    machine: { hostname: 'web01', os: 'Debian 12', kernel: '6.1.0', arch: 'x86_64', firmware: 'bios' },
    devices: [],
    mounts: [],
    fstab: [],
    swaps: [],
    ...changes,
  };
}
