import { type BlockDevice, chainsOf } from '../layout/lsblk.ts';
import { type Probe, probeDevice } from '../layout/probe.ts';

/** A device of the disks that the system lies on. Ids in lower case. */
export interface Device {
  path: string;
  /** Other names: '/dev/vg0/root' beside '/dev/mapper/vg0-root'. */
  aliases: string[];
  /** 'disk', 'part', 'lvm', 'crypt', 'raid1' ... */
  type: string;
  sizeBytes: number;
  sectorBytes: number;
  /** What blkid calls it: 'ext4', 'crypto_LUKS', 'linux_raid_member'; null for nothing known. */
  content: string | null;
  uuid: string | null;
  label: string | null;
  partitionId: string | null;
  partitionLabel: string | null;
  /** GPT type GUID or MBR type ('0x83'). */
  partitionType: string | null;
  /** Devices that this one is built on, the nearest first; of an array all of them. */
  below: string[];
}

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
  };
}

/** Device mapper doubles a '-' inside the name of a group or volume, and puts a single one between them. */
function aliasesOf({ type, name }: BlockDevice): string[] {
  if (type === 'md' || type.startsWith('raid')) return [`/dev/md/${name.replace(/^md_?/, '')}`];
  if (type !== 'lvm') return [];
  const halves = /^((?:[^-]|--)+)-((?:[^-]|--)+)$/.exec(name);
  if (halves === null) return [];
  const [group, volume] = [halves[1], halves[2]].map((half) => half?.replaceAll('--', '-'));
  return [`/dev/${group}/${volume}`];
}

/** What a reference in a configuration file leads to. `kernel-name`: '/dev/sda1', which the next boot may give to another. */
export type Reference =
  | { kind: 'found'; device: Device }
  | { kind: 'missing' }
  | { kind: 'ambiguous'; devices: Device[] }
  | { kind: 'kernel-name'; device: Device | null }
  | { kind: 'not-a-device' };

const tags: Record<string, (device: Device) => string | null> = {
  uuid: ({ uuid }) => uuid,
  label: ({ label }) => label,
  partuuid: ({ partitionId }) => partitionId,
  partlabel: ({ partitionLabel }) => partitionLabel,
};
/** Parts of something larger carry ids that are not the file system's. */
const parts = /_member$/;

/** Follows 'UUID=...', 'LABEL=...', '/dev/disk/by-uuid/...', '/dev/mapper/...', '/dev/sda1' among these devices only. */
export function resolveReference(text: string, devices: readonly Device[]): Reference {
  const spec = text.replaceAll('"', '');
  const tag =
    /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/i.exec(spec) ??
    /^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(.*)$/.exec(spec);
  if (tag) {
    const [, name = '', wanted = ''] = tag;
    const exact = /label/i.test(name);
    const value = exact
      ? wanted.replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      : wanted.toLowerCase();
    return one(
      devices.filter((device) => tags[name.toLowerCase()]?.(device) === value && !parts.test(device.content ?? '')),
    );
  }
  if (!spec.startsWith('/dev/')) return { kind: 'not-a-device' };
  const named = devices.filter(({ path, aliases }) => path === spec || aliases.includes(spec));
  if (/^\/dev\/(sd|vd|hd|xvd|nvme|mmcblk|md\d|dm-)/.test(spec))
    return { kind: 'kernel-name', device: named[0] ?? null };
  // by-id and by-path name the hardware: what udev will call it cannot be known from here.
  if (/^\/dev\/disk\//.test(spec)) return { kind: 'kernel-name', device: null };
  return one(named);
}

function one(found: Device[]): Reference {
  const [device] = found;
  if (device === undefined) return { kind: 'missing' };
  return found.length === 1 ? { kind: 'found', device } : { kind: 'ambiguous', devices: found };
}

/** All that it may lead to. A kernel's name promises nothing. */
export function candidatesOf(reference: Reference): Device[] {
  if (reference.kind === 'found') return [reference.device];
  return reference.kind === 'ambiguous' ? reference.devices : [];
}

/** Whether one of them is what goes by this name. */
export function includesDevice(candidates: readonly Device[], name: string): boolean {
  return candidates.some(({ path, aliases }) => path === name || aliases.includes(name));
}

/** Members of an array or a file system over several disks have one UUID; they are no contradiction. */
export function isSameContent(devices: readonly Device[]): boolean {
  return devices.every(({ content, uuid }) => content === 'btrfs' && uuid === devices[0]?.uuid);
}
