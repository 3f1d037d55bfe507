import fc from 'fast-check';
import type { Manifest } from '../../../../../restore/archive/set-schema.ts';
import { type Layout, type LayoutNode, layoutSchema } from '../../../../../restore/layout/schema.ts';
import type { LayoutArray, LayoutGroup, Volume } from '../../../../../restore/layout/stack-schema.ts';

const mebibyte = 2 ** 20;
const uuid = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** What a partition holds in a drawn layout. */
const kinds = ['ext4', 'boot', 'swap', 'nothing', 'group', 'luks', 'luks-group', 'array'] as const;
type Kind = (typeof kinds)[number];
const partition = fc.record({
  kind: fc.constantFrom<Kind>(...kinds),
  mebibytes: fc.integer({ min: 300, max: 40_000 }),
  /** Of what it holds, per cent. */
  used: fc.integer({ min: 0, max: 60 }),
  gap: fc.constantFrom(0, 0, 0, 1, 500),
});
export type DrawnPartition = typeof partition extends fc.Arbitrary<infer T> ? T : never;
export interface DrawnDisk {
  label: 'gpt' | 'dos';
  sectorBytes: 512 | 4096;
  partitions: DrawnPartition[];
  /** Room behind the last partition, MiB. */
  tail: number;
}
export const drawnDisk: fc.Arbitrary<DrawnDisk> = fc.record({
  label: fc.constantFrom<'gpt' | 'dos'>('gpt', 'dos'),
  sectorBytes: fc.constantFrom<512 | 4096>(512, 4096),
  partitions: fc.array(partition, { minLength: 1, maxLength: 7 }),
  tail: fc.constantFrom(0, 2, 3000),
});

/** An ext4 as mke2fs makes it. */
export function extContent(sizeBytes: number, id: number) {
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

interface Building {
  nodes: LayoutNode[];
  arrays: LayoutArray[];
  groups: LayoutGroup[];
  archives: Manifest['archives'];
}

function fileSystem(
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
function addGroup(building: Building, member: LayoutNode, used: number): void {
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

function addLuks(building: Building, node: LayoutNode, used: number, withGroup: boolean): void {
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
function addArray(building: Building, node: LayoutNode, used: number): void {
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

/** A layout with one disk, its table as sfdisk prints it, and a manifest for it. */
export function buildLayout({ label, sectorBytes, partitions, tail }: DrawnDisk): {
  layout: Layout;
  manifest: Manifest;
} {
  const building: Building = { nodes: [], arrays: [], groups: [], archives: [] };
  const unit = mebibyte / sectorBytes;
  const lines: string[] = [];
  let next = 1;
  const isMbr = label === 'dos';
  const framed = isMbr && partitions.length > 4;
  let frame: { line: number; start: number } | null = null;
  for (const [index, { kind, mebibytes, used, gap }] of partitions.entries()) {
    if (framed && index === 3) {
      frame = { line: lines.length, start: next };
      lines.push('');
    }
    if (frame) next += 1;
    next += frame ? 0 : gap;
    const number = frame ? index + 2 : index + 1;
    const type = isMbr ? 'type=83' : `type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=${uuid(number).toUpperCase()}`;
    lines.push(`/dev/sda${number} : start= ${next * unit}, size= ${mebibytes * unit}, ${type}`);
    next += mebibytes;
    const sizeBytes = mebibytes * mebibyte;
    const origin = { type: 'partition' as const, disk: 'disk0', number };
    const node: LayoutNode = { id: `disk0:${number}`, origin, sizeBytes, content: null, mount: null, usedBytes: null };
    if (kind === 'ext4' || kind === 'boot') {
      fileSystem(building, node, used, kind === 'boot' ? `/boot/${number}` : `/srv/${number}`);
      continue;
    }
    building.nodes.push(node);
    if (kind === 'swap') node.content = { kind: 'swap', uuid: uuid(number), label: '' };
    if (kind === 'group') addGroup(building, node, used);
    if (kind === 'luks' || kind === 'luks-group') addLuks(building, node, used, kind === 'luks-group');
    if (kind === 'array') addArray(building, node, used);
  }
  if (frame) {
    lines[frame.line] = `/dev/sda4 : start= ${frame.start * unit}, size= ${(next - frame.start) * unit}, type=5`;
    const origin = { type: 'partition' as const, disk: 'disk0', number: 4 };
    const sizeBytes = (next - frame.start) * mebibyte;
    building.nodes.push({ id: 'disk0:4', origin, sizeBytes, content: null, mount: null, usedBytes: null });
  }
  const sizeBytes = (next + 1 + tail) * mebibyte;
  const heads = isMbr
    ? ['label: dos', 'label-id: 0x12345678', 'device: /dev/sda', 'unit: sectors', `sector-size: ${sectorBytes}`]
    : [
        ...['label: gpt', `label-id: ${uuid(99).toUpperCase()}`, 'device: /dev/sda', 'unit: sectors'],
        ...[
          `first-lba: ${sectorBytes === 512 ? 34 : 6}`,
          `last-lba: ${sizeBytes / sectorBytes - (sectorBytes === 512 ? 34 : 6)}`,
        ],
        `sector-size: ${sectorBytes}`,
      ];
  const { archives, ...storage } = building;
  const layout = layoutSchema.parse({
    format: 1,
    machine: { hostname: 'web01', os: 'Debian', kernel: '6.1', arch: 'x86_64', firmware: 'bios' },
    disks: [
      {
        ...{ id: 'disk0', name: 'sda', model: 'Drawn', serial: 'S', wwn: null, sizeBytes },
        ...{ logicalSectorBytes: sectorBytes, transport: null, table: `${heads.join('\n')}\n\n${lines.join('\n')}\n` },
      },
    ],
    ...storage,
    boot: { firmware: 'bios', loader: 'none', disk: null, esp: null, efiEntries: [] },
  });
  const file = { path: 'layout/layout.json', size: 1, sha256: 'a'.repeat(64) };
  const manifest: Manifest = { format: 2, set: uuid(1), volumes: 1, layout: file, archives, files: [] };
  return { layout, manifest };
}
