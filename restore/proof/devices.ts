import { type BlockDevice, chainsOf } from '../layout/lsblk.ts';
import { type Probe, probeDevice } from '../layout/probe.ts';
import type { Device } from './device.ts';
import { lvmNames } from './reference/lvm.ts';

/** Every device on these disks, probed one by one: no cache, no udev, no other disk. @throws RekindleError RK421 */
export async function readDevices(disks: readonly BlockDevice[]): Promise<Device[]> {
  const devices = new Map<string, Device>();
  for (const { device, path } of chainsOf(disks)) {
    const below = path.slice(0, -1).map((each) => each.path);
    const known = devices.get(device.path);
    if (known) {
      known.below.push(...below.toReversed().filter((each) => !known.below.includes(each)));
      continue;
    }
    const probe = device.size > 0 ? await probeDevice(device.path) : {};
    devices.set(device.path, describe(device, probe, below.toReversed()));
  }
  return [...devices.values()];
}

function describe(device: BlockDevice, probe: Probe, below: string[]): Device {
  const lower = (text: string | null | undefined) => text?.toLowerCase() ?? null;
  return {
    path: device.path,
    aliases: aliasesOf(device),
    type: device.type,
    sizeBytes: device.size,
    sectorBytes: device['log-sec'],
    content: probe.TYPE ?? null,
    uuid: lower(probe.UUID),
    label: probe.LABEL ?? null,
    partitionId: lower(device.partuuid ?? probe.PART_ENTRY_UUID),
    partitionLabel: probe.PART_ENTRY_NAME ?? null,
    partitionType: lower(probe.PART_ENTRY_TYPE),
    below,
    serial: device.serial,
    wwn: device.wwn,
  };
}

/** What the kernel calls an array by its number, 'md0', is '/dev/md/0' beside it. */
function aliasesOf({ type, name, path }: BlockDevice): string[] {
  if (type === 'md' || type.startsWith('raid')) return [`/dev/md/${name.replace(/^md_?/, '')}`];
  return lvmNames({ type, path });
}

/** Whether one of them is what goes by this name. */
export function includesDevice(candidates: readonly Device[], name: string): boolean {
  return candidates.some(({ path, aliases }) => path === name || aliases.includes(name));
}
