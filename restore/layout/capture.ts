import { access } from 'node:fs/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { captureBoot } from '../bootloader/capture.ts';
import { assertLayout } from './assert-layout.ts';
import { NodeCapture, type Place } from './capture-nodes.ts';
import { isSupported } from './content.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import type { BlockDevice } from './lsblk.ts';
import { probeDevice } from './probe.ts';
import type { Layout, LayoutDisk, LayoutNode } from './schema.ts';
import { excludedDisks, selectDisks, type Use } from './select.ts';
import { completeDisks, isArray, readStack, type StackNow } from './stack.ts';
import { captureSwapFiles } from './swap-file.ts';
import { isSystemPartition, readTable } from './table.ts';
import { assertKnownContent, assertKnownStack, isRandomSwap } from './unsupported.ts';

/**
 * The storage of the running machine: the disks it is made of, their tables exactly, what each partition holds.
 * Needs root; changes nothing.
 * @param options.excludeDisks disks (or partitions of them) that hold the destination: '/dev/sdb'
 * @throws RekindleError RK408, RK410-RK419, RK423-RK427, RK429, naming the device and the reason, for whatever this version cannot save.
 */
export async function captureLayout(options: { excludeDisks?: string[] } = {}): Promise<Layout> {
  return describeLayout(await takeInventory(), options.excludeDisks ?? []);
}

/** As captureLayout, from an inventory taken before. */
export async function describeLayout(inventory: Inventory, excludeDisks: readonly string[]): Promise<Layout> {
  const { disks, uses } = selectDisks(inventory, excludeDisks);
  const saved: Use[] = [];
  for (const use of uses) {
    const below = use.chain.path.at(-2);
    if (isRandomSwap(use, below === undefined ? {} : await probeDevice(below.path))) continue;
    await assertKnownStack(use);
    assertKnownContent(use, await probeDevice(use.chain.device.path));
    saved.push(use);
  }
  const all = await completeDisks(inventory.devices, disks, excludedDisks(inventory.devices, excludeDisks));
  return describeDisks(inventory, all, saved);
}

/** The layout of exactly these disks, with everything that lies on them. */
export async function describeDisks(
  inventory: Inventory,
  disks: readonly BlockDevice[],
  uses: readonly Use[] = [],
): Promise<Layout> {
  const stack = await readStack(disks);
  const nodes = new NodeCapture(inventory, stack);
  const captured: LayoutDisk[] = [];
  for (const [index, device] of disks.entries()) captured.push(await captureDisk(device, `disk${index}`, nodes, stack));
  await nodes.addVolumes();
  const { places } = nodes;
  assertComplete(uses, places);
  assertMembers(stack, places);
  const boot = await captureBoot({
    firmware: inventory.machine.firmware,
    disks: disks.map(({ path }, index) => ({ id: `disk${index}`, path })),
    systemPartitions: systemPartitions(places),
  });
  const ids = new Set(places.map(({ node }) => node.id));
  const groups = stack.groups.map(({ group }) => group);
  const devicesFile = groups.length > 0 && (await isThere('/etc/lvm/devices/system.devices'));
  const swapFiles = await captureSwapFiles(inventory);
  return assertLayout({
    format: 1,
    machine: inventory.machine,
    disks: captured,
    nodes: places.map(({ node }) => node),
    arrays: stack.arrays.flatMap(({ array }) => (ids.has(array.id) ? [array] : [])),
    groups,
    ...(swapFiles.length === 0 ? {} : { swapFiles }),
    ...(devicesFile ? { lvmDevicesFile: true } : {}),
    boot,
  });
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function captureDisk(device: BlockDevice, id: string, nodes: NodeCapture, stack: StackNow): Promise<LayoutDisk> {
  const disk: LayoutDisk = {
    id,
    name: device.name,
    model: device.model ?? '',
    serial: device.serial,
    wwn: device.wwn,
    sizeBytes: device.size,
    logicalSectorBytes: device['log-sec'],
    transport: device.tran,
    table: null,
  };
  if (isUsedWhole(device, stack)) {
    await nodes.add(device, id, { type: 'disk', disk: id });
    return disk;
  }
  const { stdout } = await run(['sfdisk', '-d', device.path], { okExit: [0, 1] });
  if (!/^label: (dos|gpt)$/m.test(stdout)) {
    const label = /^label: (.*)$/m.exec(stdout)?.[1] ?? 'none';
    throw new RekindleError('RK412', `${device.path}: partition table ${label}`);
  }
  await addPartitions(device, { ...disk, table: stdout }, nodes);
  return { ...disk, table: stdout };
}

/** A whole disk in an array may show the table that lies inside of the array as its own. */
function isUsedWhole(device: BlockDevice, { probes }: StackNow): boolean {
  if (device.children.some((child) => isArray(child) || child.type === 'crypt' || child.type === 'lvm')) return true;
  const probe = probes.get(device.path) ?? {};
  return probe.TYPE !== undefined && probe.PTTYPE === undefined;
}

async function addPartitions(device: BlockDevice, disk: LayoutDisk, nodes: NodeCapture): Promise<void> {
  const table = readTable(disk.table ?? '', device.size, device['log-sec']);
  for (const partition of table.partitions) {
    const id = `${disk.id}:${partition.number}`;
    const origin = { type: 'partition' as const, disk: disk.id, number: partition.number };
    const sizeBytes = partition.sectors * table.sectorBytes;
    if (partition.extended) {
      const node: LayoutNode = { id, origin, sizeBytes, content: null, mount: null, usedBytes: null };
      nodes.places.push({ node, device: partition.device, partition });
      continue;
    }
    const child = device.children.find(({ path }) => path === partition.device);
    if (child === undefined) {
      const reason = `the table of ${device.path} names ${partition.device}, the kernel does not know it`;
      throw new RekindleError('RK417', reason);
    }
    await nodes.add({ ...child, size: sizeBytes }, id, origin, partition);
  }
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

/** Every member of an array or a group is a node. */
function assertMembers(stack: StackNow, places: readonly Place[]): void {
  const contents = places.flatMap(({ node }) => (node.content === null ? [] : [node.content]));
  for (const { array, members } of stack.arrays) {
    const found = contents.filter((content) => content.kind === 'array-member' && content.array === array.id).length;
    const wanted = members.filter(({ faulty }) => !faulty).length;
    if (found !== wanted) throw new RekindleError('RK427', `${array.device}: ${found} of ${wanted} members were found`);
  }
  for (const { group, devices } of stack.groups) {
    const found = contents.filter((content) => content.kind === 'group-member' && content.group === group.id).length;
    if (found !== devices.length) {
      throw new RekindleError('RK427', `volume group ${group.id}: ${found} of ${devices.length} members were found`);
    }
  }
}

/** An ESP may lie on a mirror: then its members are the partitions that firmware sees. */
function systemPartitions(places: readonly Place[]) {
  return places.flatMap(({ partition, node }) => {
    if (partition === null || !isSystemPartition(partition)) return [];
    const { content } = node;
    const array = content?.kind === 'array-member' ? content.array : null;
    const holder = array === null ? node : places.find((place) => place.node.id === array)?.node;
    if (holder?.content?.kind !== 'vfat') return [];
    return [{ node: holder.id, mountedAt: holder.mount?.at ?? null, partitionId: partition.id }];
  });
}
