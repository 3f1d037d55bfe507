import type { Manifest } from '../../../../../restore/archive/set-schema.ts';
import type { LayoutNode } from '../../../../../restore/layout/schema.ts';
import type { LayoutArray, LayoutGroup, Volume } from '../../../../../restore/layout/stack-schema.ts';

const mebibyte = 2 ** 20;
export const uuid = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** An ext4 as mke2fs makes it. */
function extContent(sizeBytes: number, id: number) {
  const blockCount = Math.floor(sizeBytes / 4096);
  return {
    kind: 'ext4' as const,
    uuid: uuid(id),
    label: '',
    blockBytes: 4096,
    blockCount,
    inodeBytes: 256,
    inodeCount: Math.ceil(blockCount / 4),
    reservedBlocks: Math.floor(blockCount / 20),
    features: ['has_journal', 'extent', '64bit'],
    defaultMountOptions: [],
    hashSeed: null,
    journalBlocks: 4096,
    errorsBehavior: 'continue' as const,
    maxMountCount: -1,
    checkIntervalSeconds: 0,
  };
}

export interface Building {
  nodes: LayoutNode[];
  arrays: LayoutArray[];
  groups: LayoutGroup[];
  archives: Manifest['archives'];
}

export function fileSystem(
  building: Building,
  node: Pick<LayoutNode, 'id' | 'origin' | 'sizeBytes'>,
  used: number,
  at: string,
): void {
  const usedBytes = Math.floor((node.sizeBytes * used) / 100);
  building.nodes.push({
    ...node,
    content: extContent(node.sizeBytes, building.nodes.length),
    mount: { at, options: 'rw' },
    usedBytes,
  });
  building.archives.push({
    name: `a${building.archives.length}`,
    parts: [{ path: 'archives/x', size: 1, sha256: 'a'.repeat(64), volume: 1 }],
    size: 1,
    index: { path: 'archives/x.idx', size: 1, sha256: 'a'.repeat(64) },
    frames: 1,
    mountPoint: at,
    node: node.id,
    tarSize: usedBytes,
    members: Math.floor(usedBytes / 100_000),
    attributes: 0,
    notes: 0,
  });
}

const extentBytes = 4 * mebibyte;
function volume(name: string, sizeBytes: number): Volume {
  return {
    name,
    uuid: name,
    type: 'linear',
    sizeBytes,
    stripes: 1,
    stripeBytes: null,
    mirrors: 0,
    regionBytes: null,
    tags: [],
    readOnly: false,
    pool: null,
    thinPool: null,
  };
}

/** A group on one member: root, swap, and a fifth left free. */
export function addGroup(building: Building, member: LayoutNode, used: number): void {
  const id = `vg${building.groups.length}`;
  member.content = { kind: 'group-member', group: id, uuid: id, dataOffsetBytes: mebibyte };
  const extents = Math.floor((member.sizeBytes - mebibyte) / extentBytes);
  const root = Math.floor(extents * 0.7) * extentBytes;
  const swap = Math.max(1, Math.floor(extents * 0.1)) * extentBytes;
  building.groups.push({
    id,
    uuid: id,
    extentBytes,
    tags: [],
    volumes: [volume('root', root), volume('swap', swap)],
    exact: true,
    backup: '',
    notes: [],
  });
  const origin = (name: string) => ({ type: 'volume' as const, group: id, name });
  fileSystem(building, { id: `lv:${id}/root`, origin: origin('root'), sizeBytes: root }, used, `/srv/${id}`);
  building.nodes.push({
    id: `lv:${id}/swap`,
    origin: origin('swap'),
    sizeBytes: swap,
    content: { kind: 'swap', uuid: uuid(90), label: '' },
    mount: null,
    usedBytes: null,
  });
}

export function addLuks(building: Building, node: LayoutNode, used: number, withGroup: boolean): void {
  const dataOffsetBytes = 16 * mebibyte;
  node.content = {
    kind: 'luks',
    version: 2,
    uuid: uuid(80),
    label: '',
    subsystem: '',
    cipher: 'aes-xts-plain64',
    keyBytes: 64,
    hash: 'sha256',
    sectorBytes: 512,
    dataOffsetBytes,
    metadataBytes: 16384,
    keyslotsBytes: 16744448,
    flags: [],
    keySlots: [{ slot: 0, pbkdf: { type: 'pbkdf2', hash: 'sha256', iterations: 1000 } }],
    tokens: [],
  };
  const id = `crypt:${node.id}`;
  const inside = {
    id,
    origin: { type: 'crypt' as const, on: node.id, name: id },
    sizeBytes: node.sizeBytes - dataOffsetBytes,
  };
  if (!withGroup) {
    fileSystem(building, inside, used, `/srv/${node.id}`);
    return;
  }
  const member: LayoutNode = { ...inside, content: null, mount: null, usedBytes: null };
  building.nodes.push(member);
  addGroup(building, member, used);
}

/** A mirror with one member here and one missing. */
export function addArray(building: Building, node: LayoutNode, used: number): void {
  const id = `md:${building.arrays.length}`;
  const dataOffsetBytes = mebibyte;
  node.content = { kind: 'array-member', array: id, slot: 0, dataOffsetBytes };
  const componentBytes = node.sizeBytes - dataOffsetBytes - mebibyte;
  building.arrays.push({
    id,
    device: 'md0',
    name: 'host:0',
    level: 'raid1',
    metadata: '1.2',
    uuid: '0:0:0:0',
    slots: 2,
    chunkBytes: null,
    layout: null,
    componentBytes,
    consistency: 'resync',
    bitmapChunkBytes: null,
    detail: '',
  });
  fileSystem(building, { id, origin: { type: 'array', array: id }, sizeBytes: componentBytes }, used, `/srv/${id}`);
}
