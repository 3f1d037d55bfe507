import { formatBytes } from '../../common/format.ts';
import { isContainer } from '../layout/content.ts';
import { disksBelow } from '../layout/graph.ts';
import type { Layout, LayoutDisk } from '../layout/schema.ts';
import type { DisksAnswer } from './protocol.ts';

/** A saved disk for people: what was on it. */
export function describeSaved(layout: Layout, disk: LayoutDisk): DisksAnswer['saved'][number] {
  const nodes = layout.nodes.filter(
    (node) =>
      disksBelow(layout, node).includes(disk.id) &&
      !(node.content !== null && isContainer(node.content)) &&
      (node.content !== null || node.notSaved !== undefined),
  );
  return {
    id: disk.id,
    name: disk.name,
    model: disk.model,
    serial: disk.serial,
    sizeBytes: disk.sizeBytes,
    contents: nodes.map((node) => {
      const where = node.mount ? ` ${node.mount.at}` : '';
      const content = node.content?.kind === 'raw' ? node.content.words : node.content?.kind;
      return `${content ?? node.notSaved}${where} ${formatBytes(node.sizeBytes)}`;
    }),
  };
}
