import { RekindleError } from '../../../common/errors/error.ts';
import { resizerOf } from '../../layout/content.ts';
import { membersOfArray, membersOfGroup } from '../../layout/graph.ts';
import type { Layout, LayoutNode } from '../../layout/schema.ts';
import type { LayoutArray, LayoutGroup, Volume } from '../../layout/stack-schema.ts';
import { tableOf } from '../size.ts';
import {
  type Bounds,
  dataMembers,
  extentRoom,
  groupLimits,
  memberOverhead,
  rootVolumes,
  volumeFactor,
  volumeLimits,
  volumeMetadata,
} from './claims.ts';
import { shareOut } from './share-out.ts';

/**
 * Carries the disks' new sizes up through all that lies on them: arrays, encryption, groups and their volumes, file systems.
 * Each is settled when everything below it is.
 */
export function settleStacks(layout: Layout, bounds: Bounds): Layout {
  const sizes = new Map<string, number>();
  const volumes = new Map<string, Volume[]>();
  const arrays = new Map<string, LayoutArray>();
  const sizeOf = (node: LayoutNode): number => {
    const known = sizes.get(node.id);
    if (known !== undefined) return known;
    const size = deviceSize(node);
    sizes.set(node.id, size);
    return size;
  };
  const deviceSize = ({ id, origin, sizeBytes }: LayoutNode): number => {
    switch (origin.type) {
      case 'disk':
        return layout.disks.find((disk) => disk.id === origin.disk)?.sizeBytes ?? sizeBytes;
      case 'partition':
        return partitionBytes(layout, origin) ?? sizeBytes;
      case 'crypt': {
        const below = layout.nodes.find((node) => node.id === origin.on);
        if (below?.content?.kind !== 'luks') throw new RekindleError('RK422', `${id} lies on ${origin.on}`);
        const { dataOffsetBytes, sectorBytes } = below.content;
        return sizeOf(below) === below.sizeBytes ? sizeBytes : wholeOf(sizeOf(below) - dataOffsetBytes, sectorBytes);
      }
      case 'array':
        return settleArray(origin.array, sizeBytes);
      case 'volume':
        return settleGroup(origin.group).find(({ name }) => name === origin.name)?.sizeBytes ?? sizeBytes;
    }
  };
  const settleArray = (id: string, saved: number): number => {
    const array = layout.arrays.find((candidate) => candidate.id === id);
    const members = membersOfArray(layout, id);
    if (array === undefined || members.every((member) => sizeOf(member) === member.sizeBytes)) return saved;
    const unit = Math.max(array.chunkBytes ?? 0, 2 ** 20);
    const component = wholeOf(Math.min(...members.map((node) => sizeOf(node) - memberOverhead(node))), unit);
    arrays.set(id, { ...array, componentBytes: array.componentBytes === null ? null : component });
    return component * dataMembers(array);
  };
  const settleGroup = (id: string): Volume[] => {
    const known = volumes.get(id);
    if (known) return known;
    const group = layout.groups.find((candidate) => candidate.id === id);
    if (group === undefined) throw new RekindleError('RK422', `group ${id} is not in the layout`);
    const members = membersOfGroup(layout, id);
    const isSame = members.every((member) => sizeOf(member) === member.sizeBytes) && bounds.wishes.size === 0;
    const settled = isSame ? group.volumes : sharedVolumes(layout, group, sizeOf, bounds);
    volumes.set(id, settled);
    return settled;
  };
  const nodes = layout.nodes.map((node) => atSize(node, sizeOf(node), bounds));
  return {
    ...layout,
    nodes,
    arrays: layout.arrays.map((array) => arrays.get(array.id) ?? array),
    groups: layout.groups.map((group) => ({ ...group, volumes: volumes.get(group.id) ?? group.volumes })),
  };
}

function wholeOf(bytes: number, unit: number): number {
  return Math.floor(bytes / unit) * unit;
}

function partitionBytes(layout: Layout, { disk: id, number }: { disk: string; number: number }): number | null {
  const disk = layout.disks.find((candidate) => candidate.id === id);
  const partition = disk && tableOf(disk)?.partitions.find((candidate) => candidate.number === number);
  return disk && partition ? partition.sectors * disk.logicalSectorBytes : null;
}

function atSize(node: LayoutNode, sizeBytes: number, bounds: Bounds): LayoutNode {
  if (sizeBytes === node.sizeBytes || node.content === null) return { ...node, sizeBytes };
  const resizer = resizerOf(node.content);
  return { ...node, sizeBytes, content: resizer?.at(node.content, sizeBytes, bounds.loadOf(node)) ?? node.content };
}

/** The extents of a group's members shared out among its volumes; what was free before has its share, and gives way first. */
function sharedVolumes(
  layout: Layout,
  group: LayoutGroup,
  sizeOf: (node: LayoutNode) => number,
  bounds: Bounds,
): Volume[] {
  const members = membersOfGroup(layout, group.id);
  const extents = (bytes: number): number => Math.floor(bytes / group.extentBytes);
  const before = members.reduce((sum, member) => sum + extentRoom(member, member.sizeBytes, group), 0);
  const total = members.reduce((sum, member) => sum + extentRoom(member, sizeOf(member), group), 0);
  const claims = [false, true].map((shrinkSwap) =>
    rootVolumes(group).map((volume) => {
      const { minimum, maximum } = volumeLimits(volume, group, { ...bounds, shrinkSwap });
      const weight = extents(volume.sizeBytes * volumeFactor(volume) + volumeMetadata(volume, group));
      return { id: volume.name, minimum: extents(minimum), maximum: extents(maximum), weight };
    }),
  );
  const [usual = [], tight = []] = claims;
  const fits = usual.reduce((sum, { minimum }) => sum + minimum, 0) <= extents(total);
  const chosen = fits ? usual : tight;
  const used = chosen.reduce((sum, { weight }) => sum + weight, 0);
  const free = { id: '', minimum: 0, maximum: Number.POSITIVE_INFINITY, weight: Math.max(0, extents(before) - used) };
  const shares = shareOut([...chosen, free], extents(total));
  if (shares.shortfall !== null) {
    const { minimum } = groupLimits(group, { ...bounds, shrinkSwap: true });
    throw new RekindleError('RK401', `volume group ${group.id} needs ${minimum} bytes, has ${total}`);
  }
  return group.volumes.map((volume) => {
    const share = shares.sizes.get(volume.name);
    if (share === undefined || volume.thinPool !== null) return volume;
    const factor = volumeFactor(volume);
    const data = share - volumeMetadata(volume, group) / group.extentBytes;
    const whole = Math.floor(data / (factor * volume.stripes)) * volume.stripes;
    return { ...volume, sizeBytes: whole * group.extentBytes };
  });
}
