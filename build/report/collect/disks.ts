import { run } from '../../../common/run.ts';
import { type BlockDevice, isDisk, isRemovable, listBlockDevices } from '../../../restore/layout/lsblk.ts';
import type { Layout, LayoutDisk } from '../../../restore/layout/schema.ts';
import type { BlockFacts, DiskFacts, PartitionFacts } from '../facts.ts';
import { readFact } from './ask.ts';
import { describeBlock, readSurroundings, type Surroundings } from './blocks.ts';
import { type Place, placesOfKernel, placesOfTable } from './partitions.ts';

/** All disks of the running machine; those of the layout are marked as saved. */
export async function readDisks(layout: Layout | null): Promise<DiskFacts[]> {
  const devices = await listBlockDevices();
  const surroundings = await readSurroundings(devices);
  const disks = devices.filter((device) => isDisk(device) && device.size > 0);
  return Promise.all(disks.map((disk) => describeDisk(disk, layout, surroundings)));
}

async function describeDisk(
  device: BlockDevice,
  layout: Layout | null,
  surroundings: Surroundings,
): Promise<DiskFacts> {
  const saved = layout?.disks.find(({ name, sizeBytes }) => name === device.name && sizeBytes === device.size) ?? null;
  const { label, places } = await readPlaces(device, saved);
  const rotational = await readFact(`/sys/block/${device.name}/queue/rotational`);
  return {
    block: await describeBlock(device, surroundings),
    model: device.model,
    serial: device.serial,
    wwn: device.wwn,
    transport: device.tran,
    // Virtual disks claim to turn.
    rotational: rotational === null || device.name.startsWith('vd') ? null : rotational === '1',
    removable: isRemovable(device),
    logicalSectorBytes: device['log-sec'],
    table: label,
    saved: saved !== null,
    partitions: await Promise.all(places.map((place) => describePartition(place, device, saved, layout, surroundings))),
  };
}

/** The layout's table is the one that a restore writes; a disk outside of it is asked now. */
async function readPlaces(
  device: BlockDevice,
  saved: LayoutDisk | null,
): Promise<{ label: string | null; places: Place[] }> {
  try {
    const dump = saved?.table ?? (await run(['sfdisk', '-d', device.path], { timeoutMs: 20_000 })).stdout;
    return placesOfTable(dump, device['log-sec']);
  } catch {
    return { label: null, places: await placesOfKernel(device) };
  }
}

async function describePartition(
  place: Place,
  disk: BlockDevice,
  saved: LayoutDisk | null,
  layout: Layout | null,
  surroundings: Surroundings,
): Promise<PartitionFacts> {
  const child = disk.children.find(({ path }) => path === place.path);
  const node = layout?.nodes.find(({ id }) => id === `${saved?.id}:${place.number}`);
  // The kernel gives an extended partition a size of two sectors.
  const block =
    child === undefined || place.extended
      ? emptyBlock(place)
      : { ...(await describeBlock(child, surroundings, disk.name)), sizeBytes: place.sizeBytes };
  return {
    number: place.number,
    startBytes: place.startBytes,
    type: place.type,
    name: place.partitionName,
    bootable: place.bootable,
    extended: place.extended,
    block: { ...block, notSaved: node?.notSaved ?? null },
  };
}

/** A partition that the table names and the kernel does not show. */
function emptyBlock({ name, path, sizeBytes }: Place): BlockFacts {
  const nothing = { content: null, label: null, uuid: null, usedBytes: null, notSaved: null };
  return { name, path, type: 'part', sizeBytes, ...nothing, mounts: [], swap: false, alsoOn: [], children: [] };
}
