import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { type BlockDevice, chainsOf, isDisk } from './lsblk.ts';
import { listPhysicalVolumes, type PhysicalVolume, type ReadGroup, readGroup } from './lvm.ts';
import { type RunningArray, readArray } from './md.ts';
import { type Probe, probeDevice } from './probe.ts';

/** What stands between some disks and their file systems. */
export interface StackNow {
  arrays: RunningArray[];
  groups: ReadGroup[];
  volumes: PhysicalVolume[];
  /** Every device on these disks once, by path. */
  devices: ReadonlyMap<string, BlockDevice>;
  probes: ReadonlyMap<string, Probe>;
  /** 'dm-3' by path: how the kernel calls it. */
  kernelNames: ReadonlyMap<string, string>;
}

/** An md array, by lsblk's type. */
export function isArray({ type, name }: BlockDevice): boolean {
  return /^(raid\d+|linear|md)$/.test(type) && /^md/.test(name);
}

/** Every device on the disks once. */
function devicesOn(disks: readonly BlockDevice[]): Map<string, BlockDevice> {
  return new Map(chainsOf(disks).map(({ device }) => [device.path, device]));
}

/** Reads arrays and groups on these disks. @throws RekindleError RK423, RK425 */
export async function readStack(disks: readonly BlockDevice[]): Promise<StackNow> {
  const devices = devicesOn(disks);
  const probes = new Map<string, Probe>();
  const kernelNames = new Map<string, string>();
  const arrays: RunningArray[] = [];
  for (const device of devices.values()) {
    probes.set(device.path, await probeDevice(device.path));
    kernelNames.set(device.path, await kernelName(device));
    if (isArray(device)) arrays.push(await readArray(kernelNames.get(device.path) ?? device.name));
  }
  const members = [...devices.keys()].filter((path) => probes.get(path)?.TYPE === 'LVM2_member');
  const volumes = members.length === 0 ? [] : await listPhysicalVolumes(members);
  const names = [...new Set(volumes.map(({ group }) => group))].filter((name) => name !== '');
  const groups: ReadGroup[] = [];
  for (const name of names) groups.push(await readGroup(name, members));
  return { arrays, groups, volumes, devices, probes, kernelNames };
}

async function kernelName(device: BlockDevice): Promise<string> {
  return realpath(`/sys/dev/block/${device['maj:min']}`).then(basename, () => device.name);
}

/**
 * The disks with all others that their arrays and volume groups lie on.
 * @throws RekindleError RK415 when one of those holds the destination, RK427 when one is no disk
 */
export async function completeDisks(
  all: readonly BlockDevice[],
  chosen: readonly BlockDevice[],
  excluded: ReadonlySet<string>,
): Promise<BlockDevice[]> {
  const paths = new Set(chosen.map(({ path }) => path));
  const groupOf = await groupsByDevice(all);
  for (let grown = true; grown; ) {
    grown = false;
    const here = all.filter(({ path }) => paths.has(path));
    const shared = new Set([...devicesOn(here).values()].filter(isShared).map(({ path }) => path));
    const groups = new Set([...devicesOn(here).keys()].flatMap((path) => groupOf.get(path) ?? []));
    for (const disk of all) {
      if (paths.has(disk.path)) continue;
      const devices = [...devicesOn([disk]).keys()];
      if (!devices.some((path) => shared.has(path) || groups.has(groupOf.get(path) ?? ''))) continue;
      if (excluded.has(disk.path)) throw new RekindleError('RK415', `${disk.path} is a part of the machine's storage`);
      if (!isDisk(disk)) throw new RekindleError('RK427', `${disk.path} is a device of type ${disk.type}`);
      paths.add(disk.path);
      grown = true;
    }
  }
  return all.filter(({ path }) => paths.has(path));
}

/** Lies on several devices at once. */
function isShared(device: BlockDevice): boolean {
  return isArray(device) || device.type === 'lvm';
}

/** UUID of the volume group by the path of a member. */
async function groupsByDevice(all: readonly BlockDevice[]): Promise<Map<string, string>> {
  const devices = [...devicesOn(all).values()];
  const probes = await Promise.all(
    devices.map(async ({ path, size }) => ({
      path,
      probe: size === 0 ? {} : await probeDevice(path).catch((): Probe => ({})),
    })),
  );
  if (!probes.some(({ probe }) => probe.TYPE === 'LVM2_member')) return new Map();
  const known = await listPhysicalVolumes();
  return new Map(
    probes.flatMap(({ path, probe }) => {
      const volume = known.find(({ uuid, device }) => uuid === probe.UUID && device === path);
      return volume === undefined || volume.group === '' ? [] : [[path, volume.groupUuid] as const];
    }),
  );
}
