import { type BlockDevice, chainsOf, isDisk, listBlockDevices } from '../../layout/lsblk.ts';
import { listMounts, listSwaps, type Mount } from '../../layout/mounts.ts';
import { type Probe, probeDevice } from '../../layout/probe.ts';
import { describeContent } from '../../layout/unsupported.ts';
import { describeDisk } from '../disks.ts';
import { shortName } from '../fill.ts';
import type { TargetDisk } from '../step.ts';
import type { DeviceHere } from './device-here.ts';

export interface DeviceQuestion {
  /** What this system was started from, and where the backup lies: their disks are refused. */
  mediumDevices: readonly string[];
  /** Why these are refused; 'this medium' when not given, which is so in the rescue system only. */
  mediumWords?: string;
  /** Looked at whatever it is: a loop device, which is no disk. */
  named?: string;
}

export interface DevicesHere {
  devices: DeviceHere[];
  /** UUIDs by device node, in lower case. */
  ids: ReadonlyMap<string, string>;
}

/** Smaller ones take no file system worth the name: extended and BIOS boot partitions. */
const leastBytes = 8 * 2 ** 20;

/** What one file system can be restored into, the refused ones with their reason; only looks. Needs root. */
export async function listDevicesHere({ mediumDevices, mediumWords, named }: DeviceQuestion): Promise<DevicesHere> {
  const chains = chainsOf(await listBlockDevices());
  const medium = new Set(
    chains.filter(({ device }) => mediumDevices.includes(device.path)).flatMap(({ path }) => path[0]?.path ?? []),
  );
  const use = { mounts: await listMounts(), swaps: await listSwaps() };
  const found: DevicesHere = { devices: [], ids: new Map() };
  const ids = new Map<string, string>();
  for (const path of new Set(chains.map(({ device }) => device.path))) {
    const own = chains.filter(({ device }) => device.path === path);
    const [device] = own.map((chain) => chain.device);
    if (device === undefined || device.size === 0) continue;
    const probe = await probeDevice(path).catch((): Probe => ({ UNREADABLE: '1' }));
    if (probe.UUID !== undefined) ids.set(path, probe.UUID.toLowerCase());
    const disks = own.flatMap((chain) => chain.path[0] ?? []);
    const isOffered = disks.every(isDisk) && isCandidate(device, probe);
    if (!isOffered && path !== named) continue;
    const isMedium = mediumDevices.includes(path) || disks.some((disk) => medium.has(disk.path));
    const unreadable = probe.UNREADABLE === undefined ? null : 'it cannot be read';
    const refusal = isMedium ? (mediumWords ?? 'this medium') : (inUse(device, use) ?? unreadable);
    found.devices.push({ ...describe(device, probe), disks: await describeDisks(disks), refusal });
  }
  return { ...found, ids };
}

function isCandidate(device: BlockDevice, { PTTYPE, TYPE }: Probe): boolean {
  const isFrame = device.children.some(({ type }) => type === 'part') || (PTTYPE !== undefined && TYPE === undefined);
  return /^(part|disk|lvm|crypt|raid)/.test(device.type) && device.size >= leastBytes && !isFrame;
}

/** Why somebody works with it; null when nobody does. */
function inUse(
  device: BlockDevice,
  { mounts, swaps }: { mounts: readonly Mount[]; swaps: readonly string[] },
): string | null {
  if (device.ro) return 'read-only';
  const [above] = device.children;
  if (above !== undefined) return above.type === 'part' ? 'it has partitions' : `${shortName(above.path)} lies on it`;
  if (swaps.includes(device.path)) return 'in use: swap';
  const mount = mounts.find(
    ({ source, 'maj:min': number }) => number === device['maj:min'] || source.replace(/\[.*\]$/, '') === device.path,
  );
  return mount === undefined ? null : `in use: mounted on ${mount.target}`;
}

function describe({ path, size }: BlockDevice, probe: Probe): Omit<DeviceHere, 'disks' | 'refusal'> {
  const { TYPE: type = null, UUID: uuid = null } = probe;
  return { path, name: shortName(path), sizeBytes: size, type, uuid, content: describeContent(probe) ?? '' };
}

async function describeDisks(disks: readonly BlockDevice[]): Promise<TargetDisk[]> {
  const different = disks.filter(({ path }, index) => disks.findIndex((each) => each.path === path) === index);
  return Promise.all(different.map((disk) => describeDisk(disk, null)));
}
