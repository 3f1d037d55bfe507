import { formatBytes } from '../../../common/format.ts';
import type { Load } from '../../layout/resizer.ts';
import type { Layout, LayoutNode } from '../../layout/schema.ts';

/** A file system, volume or swap that comes back at another size. Bytes. */
export interface Change {
  node: string;
  /** '/', 'swap', 'disk0:3'. */
  name: string;
  from: number;
  to: number;
  /** What the set holds for it; null where nobody counts files. */
  holds: number | null;
}

/** What differs, as people look at it: what holds files and swap, not the layers between. */
export function changesBetween(before: Layout, after: Layout, loadOf: (node: LayoutNode) => Load): Change[] {
  return before.nodes.flatMap((node) => {
    const now = after.nodes.find(({ id }) => id === node.id);
    if (now === undefined || now.sizeBytes === node.sizeBytes || isBetween(node)) return [];
    const holds = node.mount === null ? null : loadOf(node).bytes;
    return [{ node: node.id, name: nameOf(node), from: node.sizeBytes, to: now.sizeBytes, holds }];
  });
}

/** '/: 40 GB -> 22 GB, holds 17.3 GB' */
export function describeChange({ name, from, to, holds }: Change): string {
  const content = holds === null ? '' : `, holds ${formatBytes(holds)}`;
  return `${name}: ${formatBytes(from)} -> ${formatBytes(to)}${content}`;
}

function isBetween({ content }: LayoutNode): boolean {
  return content === null || ['luks', 'array-member', 'group-member'].includes(content.kind);
}

function nameOf({ id, mount, content }: LayoutNode): string {
  return mount?.at ?? (content?.kind === 'swap' ? `swap ${id}` : id);
}
