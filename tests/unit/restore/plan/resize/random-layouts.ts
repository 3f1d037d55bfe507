import fc from 'fast-check';
import type { Manifest } from '../../../../../restore/archive/set-schema.ts';
import { type Layout, type LayoutNode, layoutSchema } from '../../../../../restore/layout/schema.ts';
import { addArray, addGroup, addLuks, type Building, fileSystem, uuid } from './random-stacks.ts';

const mebibyte = 2 ** 20;

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
