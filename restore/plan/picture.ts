import type { Layout, LayoutDisk, LayoutNode } from '../layout/schema.ts';
import { leavesOf } from './resize/table.ts';
import type { DiskPicture } from './step.ts';

/** A saved disk's parts in the order in which they lie on it; what is free between and behind them is one part without a name. */
export function pictureOf(layout: Layout, disk: LayoutDisk, sizeBytes = disk.sizeBytes): DiskPicture {
  const partsOf = disk.table === null ? wholeDisk(layout, disk, sizeBytes) : partitions(layout, disk);
  const used = partsOf.reduce((sum, { bytes }) => sum + bytes, 0);
  const free = Math.max(0, sizeBytes - used);
  return { sizeBytes, parts: [...partsOf, ...(free > 2 ** 21 ? [{ name: '', bytes: free }] : [])] };
}

function partitions(layout: Layout, disk: LayoutDisk): DiskPicture['parts'] {
  return leavesOf(disk).map(({ number, size }) => {
    const node = layout.nodes.find(
      ({ origin }) => origin.type === 'partition' && origin.disk === disk.id && origin.number === number,
    );
    return { name: nameOf(layout, node) ?? `partition ${number}`, bytes: (size ?? 0) * disk.logicalSectorBytes };
  });
}

function wholeDisk(layout: Layout, disk: LayoutDisk, sizeBytes: number): DiskPicture['parts'] {
  const node = layout.nodes.find(({ origin }) => origin.type === 'disk' && origin.disk === disk.id);
  const name = nameOf(layout, node);
  return name === null ? [] : [{ name, bytes: Math.min(sizeBytes, disk.sizeBytes) }];
}

/** '/home', 'swap', 'LVM vg0', 'LUKS: LVM vg0', 'RAID md0: /'; null for nothing known. */
function nameOf(layout: Layout, node: LayoutNode | undefined): string | null {
  if (node?.content == null) return null;
  const { content, mount, notSaved } = node;
  const inside = (name: string, above: LayoutNode | undefined): string => {
    const more = nameOf(layout, above);
    return more === null ? name : `${name}: ${more}`;
  };
  switch (content.kind) {
    case 'luks':
      return inside(
        'LUKS',
        layout.nodes.find(({ origin }) => origin.type === 'crypt' && origin.on === node.id),
      );
    case 'array-member': {
      const array = layout.arrays.find(({ id }) => id === content.array);
      const above = layout.nodes.find(({ origin }) => origin.type === 'array' && origin.array === content.array);
      return inside(`RAID ${array?.name ?? content.array}`, above);
    }
    case 'group-member':
      return `LVM ${content.group}`;
    default:
      return mount?.at ?? notSaved ?? content.kind;
  }
}
