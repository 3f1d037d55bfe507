import { RekindleError } from '../../common/errors/error.ts';
import type { Layout, LayoutNode } from './schema.ts';

/** The nodes that a node lies on directly: none for partitions and whole disks. @throws RekindleError RK422 */
export function nodesBelow(layout: Layout, { id, origin }: LayoutNode): LayoutNode[] {
  switch (origin.type) {
    case 'partition':
    case 'disk':
      return [];
    case 'crypt': {
      const below = layout.nodes.find((node) => node.id === origin.on);
      if (below?.content?.kind !== 'luks')
        throw new RekindleError('RK422', `${id} lies on ${origin.on}, which is no LUKS`);
      return [below];
    }
    case 'array':
      return membersOfArray(layout, origin.array);
    case 'volume':
      return membersOfGroup(layout, origin.group);
  }
}

export function membersOfArray(layout: Layout, array: string): LayoutNode[] {
  return layout.nodes.filter(({ content }) => content?.kind === 'array-member' && content.array === array);
}

export function membersOfGroup(layout: Layout, group: string): LayoutNode[] {
  return layout.nodes.filter(({ content }) => content?.kind === 'group-member' && content.group === group);
}

/** Ids of the disks that a node lies on in the end, each once. @throws RekindleError RK422 for a circle */
export function disksBelow(layout: Layout, node: LayoutNode, above: readonly string[] = []): string[] {
  const { id, origin } = node;
  if (above.includes(id)) throw new RekindleError('RK422', `${[...above, id].join(' on ')} is a circle`);
  if (origin.type === 'partition' || origin.type === 'disk') return [origin.disk];
  return [...new Set(nodesBelow(layout, node).flatMap((below) => disksBelow(layout, below, [...above, id])))];
}

/** Its device is not there before an array, an encrypted device or a volume group was opened. */
export function isOnLayer({ origin }: LayoutNode): boolean {
  return origin.type !== 'partition' && origin.type !== 'disk';
}
