import { RekindleError } from '../../common/errors/error.ts';
import { captureContent } from './content.ts';
import type { Inventory } from './inventory.ts';
import type { BlockDevice } from './lsblk.ts';
import { readLuksHeader } from './luks.ts';
import { mappingName } from './lvm-names.ts';
import { usedBytes } from './mounts.ts';
import { mountsOfNode } from './node-mounts.ts';
import type { Probe } from './probe.ts';
import { rawContent } from './raw.ts';
import type { Content, LayoutNode } from './schema.ts';
import { isArray, type StackNow } from './stack.ts';
import type { Origin } from './stack-schema.ts';
import type { TablePartition } from './table.ts';
import { describeContent } from './unsupported.ts';

/** A captured node beside its device of now. */
export interface Place {
  node: LayoutNode;
  device: string;
  /** Where it is a partition. */
  partition: TablePartition | null;
}

interface Found {
  content: Content | null;
  /** What is there and not saved. */
  notSaved: string | null;
}

/** A property that no mkfs makes, or that tar cannot fill; a copy of the device brings it back. */
const unmakeable = new Set(['RK414', 'RK440', 'RK442']);

/** Captures nodes, each once, with everything that lies on them. */
export class NodeCapture {
  readonly places: Place[] = [];
  readonly #inventory: Inventory;
  readonly #stack: StackNow;

  constructor(inventory: Inventory, stack: StackNow) {
    this.#inventory = inventory;
    this.#stack = stack;
  }

  /** A device, and what lies on it. The volumes of groups come last: `addVolumes`. */
  async add(device: BlockDevice, id: string, origin: Origin, partition: TablePartition | null = null): Promise<void> {
    if (this.places.some(({ node }) => node.id === id)) return;
    const { content, notSaved } = await this.#contentOf(device);
    const mounted = await mountsOfNode(device, content, this.#inventory);
    const node: LayoutNode = {
      id,
      origin,
      sizeBytes: device.size,
      content,
      ...mounted,
      usedBytes: mounted.mount === null ? null : await usedBytes(mounted.mount.at),
      ...(notSaved === null ? {} : { notSaved }),
    };
    this.places.push({ node, device: device.path, partition });
    if (content?.kind === 'luks') await this.#addOpened(device, id);
    if (content?.kind === 'array-member') await this.#addArray(device, content.array);
  }

  async #addOpened(device: BlockDevice, on: string): Promise<void> {
    const opened = device.children.find(({ type }) => type === 'crypt');
    if (opened !== undefined) await this.add(opened, `crypt:${opened.name}`, { type: 'crypt', on, name: opened.name });
  }

  async #addArray(device: BlockDevice, array: string): Promise<void> {
    const running = device.children.find(isArray);
    if (running !== undefined) await this.add(running, array, { type: 'array', array });
  }

  /** The volumes of all groups. */
  async addVolumes(): Promise<void> {
    for (const { group } of this.#stack.groups) {
      for (const { name, sizeBytes, type } of group.volumes) {
        if (type === 'thin-pool') continue;
        const id = `lv:${group.id}/${name}`;
        const origin: Origin = { type: 'volume', group: group.id, name };
        const path = `/dev/mapper/${mappingName(group.id, name)}`;
        const device = this.#stack.devices.get(path);
        if (device !== undefined) await this.add(device, id, origin);
        else {
          const nothing = { content: null, mount: null, usedBytes: null };
          const node: LayoutNode = { id, origin, sizeBytes, ...nothing, notSaved: 'a volume that was not active' };
          this.places.push({ node, device: path, partition: null });
        }
      }
    }
  }

  async #contentOf(device: BlockDevice): Promise<Found> {
    const probe = this.#stack.probes.get(device.path) ?? {};
    switch (probe.TYPE) {
      case 'linux_raid_member':
        return this.#memberOf(device);
      case 'crypto_LUKS':
        if (!device.children.some(({ type }) => type === 'crypt')) {
          return { content: null, notSaved: 'LUKS encrypted, and locked' };
        }
        return { content: await readLuksHeader(device.path), notSaved: null };
      case 'LVM2_member':
        return this.#groupOf(device.path, probe.UUID ?? '');
    }
    const content = await this.#readContent(device, probe);
    if (content !== null) return { content, notSaved: null };
    const crypt = device.children.find(({ type }) => type === 'crypt');
    if (crypt !== undefined) return { content: null, notSaved: 'encrypted with a key that is new at each boot' };
    const copied = rawContent(probe);
    return copied === null ? { content: null, notSaved: describeContent(probe) } : { content: copied, notSaved: null };
  }

  /** What cannot be made again is copied as it lies on the device, where nothing uses it. */
  async #readContent(device: BlockDevice, probe: Probe): Promise<Content | null> {
    try {
      return await captureContent(device.path, probe);
    } catch (error) {
      const isMounted = this.#inventory.mounts.some(
        (mount) => mount['maj:min'] === device['maj:min'] || mount.source === device.path,
      );
      if (isMounted || !(error instanceof RekindleError) || !unmakeable.has(error.code)) throw error;
      return rawContent(probe);
    }
  }

  #memberOf(device: BlockDevice): Found {
    const name = this.#stack.kernelNames.get(device.path);
    for (const { array, members } of this.#stack.arrays) {
      const member = members.find((each) => each.name === name);
      if (member === undefined) continue;
      if (member.faulty) return { content: null, notSaved: `a failed member of ${array.device}` };
      const { slot, dataOffsetBytes } = member;
      return { content: { kind: 'array-member', array: array.id, slot, dataOffsetBytes }, notSaved: null };
    }
    return { content: null, notSaved: 'RAID member (md) of an array that is not running' };
  }

  #groupOf(path: string, uuid: string): Found {
    const volume = this.#stack.volumes.find((each) => each.uuid === uuid);
    const read = this.#stack.groups.find(({ group }) => group.id === volume?.group);
    const member = read?.devices.find((each) => each.uuid === uuid);
    if (read === undefined || member === undefined) {
      return { content: null, notSaved: `LVM physical volume of no group (${path})` };
    }
    const { dataOffsetBytes } = member;
    return { content: { kind: 'group-member', group: read.group.id, uuid, dataOffsetBytes }, notSaved: null };
  }
}
