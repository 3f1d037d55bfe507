import { RekindleError } from '../../common/errors/error.ts';
import { mappingName } from '../layout/lvm-names.ts';
import type { Layout, LayoutNode } from '../layout/schema.ts';
import { partitionDevice } from '../layout/table.ts';
import type { Assignment } from './assign.ts';

/** Arrays that udev puts together by itself count down from md127, saved machines' own count up from md0. */
const firstArray = 200;

/**
 * What each node, by its id, is called while the machine is restored. No name can be that of an old disk's array or
 * mapping, but for arrays of metadata 0.90 and for volumes.
 */
export type DeviceNames = ReadonlyMap<string, string>;

export function arrayDevice(layout: Layout, id: string): string {
  const index = layout.arrays.findIndex((array) => array.id === id);
  const array = layout.arrays[index];
  if (array === undefined) throw new RekindleError('RK422', `${id} is no array of the layout`);
  // The superblock of 0.90 keeps the number: made as md200, the array would be md200 on the restored machine for ever.
  if (array.metadata === '0.90' && /^md\d+$/.test(array.device)) return `/dev/${array.device}`;
  return `/dev/md${firstArray + index}`;
}

/** Volumes keep their names: a group cannot be active under another. */
export function deviceNames(layout: Layout, assignments: readonly Assignment[]): DeviceNames {
  return new Map(layout.nodes.map((node, index) => [node.id, deviceOf(node, index, layout, assignments)]));
}

function deviceOf(node: LayoutNode, index: number, layout: Layout, assignments: readonly Assignment[]): string {
  const { origin } = node;
  switch (origin.type) {
    case 'partition':
      return partitionOf(node, origin, assignments);
    case 'disk': {
      const assignment = assignments.find(({ saved }) => saved.id === origin.disk);
      if (assignment === undefined) throw new RekindleError('RK420', `${node.id} lies on no saved disk`);
      return assignment.disk.path;
    }
    case 'array':
      return arrayDevice(layout, origin.array);
    case 'crypt':
      return `/dev/mapper/rekindle-${index}`;
    case 'volume':
      return `/dev/mapper/${mappingName(origin.group, origin.name)}`;
  }
}

function partitionOf(
  node: LayoutNode,
  origin: { disk: string; number: number },
  assignments: readonly Assignment[],
): string {
  const assignment = assignments.find(({ saved }) => saved.id === origin.disk);
  if (assignment === undefined) throw new RekindleError('RK420', `${node.id} lies on no saved disk`);
  const { table, disk } = assignment;
  const partition = table?.partitions.find(({ number }) => number === origin.number);
  if (table == null || partition === undefined) {
    throw new RekindleError('RK420', `${node.id} is not in the table of ${origin.disk}`);
  }
  if (partition.sectors * table.sectorBytes !== node.sizeBytes) {
    throw new RekindleError('RK408', `${node.id} has another size in the table than in the layout`);
  }
  return partitionDevice(disk.path, origin.number);
}
