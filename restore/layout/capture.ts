import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { captureBoot } from '../bootloader/capture.ts';
import { captureContent, isSupported } from './content.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import type { BlockDevice } from './lsblk.ts';
import { usedBytes } from './mounts.ts';
import { mountsOfNode } from './node-mounts.ts';
import { probeDevice } from './probe.ts';
import { type Layout, type LayoutDisk, type LayoutNode, layoutSchema } from './schema.ts';
import { selectDisks, type Use } from './select.ts';
import { isSystemPartition, readTable, type Table, type TablePartition } from './table.ts';
import { assertKnownContent, assertPlainPartition, describeContent } from './unsupported.ts';

/**
 * The storage of the running machine: the disks it is made of, their tables exactly, what each partition holds.
 * Needs root; changes nothing.
 * @param options.excludeDisks disks (or partitions of them) that hold the destination: '/dev/sdb'
 * @throws RekindleError RK408, RK410-RK419, naming the device and the reason, for whatever this version cannot save.
 */
export async function captureLayout(options: { excludeDisks?: string[] } = {}): Promise<Layout> {
  return describeLayout(await takeInventory(), options.excludeDisks ?? []);
}

/** A captured partition beside its device node of now. */
interface Place {
  node: LayoutNode;
  device: string;
  partition: TablePartition;
}

/** As captureLayout, from an inventory taken before. */
export async function describeLayout(inventory: Inventory, excludeDisks: readonly string[]): Promise<Layout> {
  const { disks, uses } = selectDisks(inventory, excludeDisks);
  for (const use of uses) {
    assertPlainPartition(use);
    assertKnownContent(use, await probeDevice(use.chain.device.path));
  }
  const captured: LayoutDisk[] = [];
  const places: Place[] = [];
  for (const [index, device] of disks.entries()) {
    const { disk, table } = await captureDisk(device, `disk${index}`);
    captured.push(disk);
    for (const partition of table.partitions) {
      places.push(await capturePartition(disk, device, partition, table, inventory));
    }
  }
  assertComplete(uses, places);
  const boot = await captureBoot({
    firmware: inventory.machine.firmware,
    disks: disks.map(({ path }, index) => ({ id: `disk${index}`, path })),
    systemPartitions: systemPartitions(places),
  });
  const nodes = places.map(({ node }) => node);
  return layoutSchema.parse({ format: 1, machine: inventory.machine, disks: captured, nodes, boot });
}

async function captureDisk(device: BlockDevice, id: string): Promise<{ disk: LayoutDisk; table: Table }> {
  const { stdout } = await run(['sfdisk', '-d', device.path], { okExit: [0, 1] });
  if (!/^label: (dos|gpt)$/m.test(stdout)) {
    const label = /^label: (.*)$/m.exec(stdout)?.[1] ?? 'none';
    throw new RekindleError('RK412', `${device.path}: partition table ${label}`);
  }
  const disk: LayoutDisk = {
    id,
    name: device.name,
    model: device.model ?? '',
    serial: device.serial,
    wwn: device.wwn,
    sizeBytes: device.size,
    logicalSectorBytes: device['log-sec'],
    transport: device.tran,
    table: stdout,
  };
  return { disk, table: readTable(stdout, device.size, device['log-sec']) };
}

async function capturePartition(
  disk: LayoutDisk,
  device: BlockDevice,
  partition: TablePartition,
  table: Table,
  inventory: Inventory,
): Promise<Place> {
  const node: LayoutNode = {
    id: `${disk.id}:${partition.number}`,
    origin: { type: 'partition', disk: disk.id, number: partition.number },
    sizeBytes: partition.sectors * table.sectorBytes,
    content: null,
    mount: null,
    usedBytes: null,
  };
  if (partition.extended) return { node, device: partition.device, partition };
  const child = device.children.find(({ path }) => path === partition.device);
  if (child === undefined) {
    throw new RekindleError(
      'RK417',
      `the table of ${device.path} names ${partition.device}, the kernel does not know it`,
    );
  }
  const probe = await probeDevice(child.path);
  const content = await captureContent(child.path, probe);
  const mounted = await mountsOfNode(child, content, inventory);
  const notSaved = content === null ? describeContent(probe) : null;
  return {
    device: child.path,
    partition,
    node: {
      ...node,
      content,
      ...mounted,
      usedBytes: mounted.mount === null ? null : await usedBytes(mounted.mount.at),
      ...(notSaved === null ? {} : { notSaved }),
    },
  };
}

/** The last guard: each mounted place of the chosen disks is a node with a content. */
function assertComplete(uses: readonly Use[], places: readonly Place[]): void {
  for (const { at, chain } of uses) {
    const place = places.find(({ device }) => device === chain.device.path);
    if (place?.node.content == null || !isSupported(place.node.content.kind)) {
      throw new RekindleError('RK417', `${at} on ${chain.device.path}`);
    }
  }
}

function systemPartitions(places: readonly Place[]) {
  return places
    .filter(({ partition, node }) => isSystemPartition(partition) && node.content?.kind === 'vfat')
    .map(({ node, partition }) => ({
      node: node.id,
      mountedAt: node.mount?.at ?? null,
      partitionId: partition.id,
    }));
}
