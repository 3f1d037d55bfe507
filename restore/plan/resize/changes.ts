import { formatBytes } from '../../../common/format.ts';
import type { Load } from '../../layout/resizer.ts';
import type { Layout, LayoutNode } from '../../layout/schema.ts';
import type { Adjustable } from '../step.ts';
import { contentLimits, type LoadOf } from './claims.ts';

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

/** What a person may give another size, with how far that goes: what holds files, and swap. */
export function adjustableNodes(before: Layout, after: Layout, loadOf: LoadOf): Adjustable[] {
  const bounds = { layout: before, loadOf, wishes: new Map<string, number>(), shrinkSwap: true };
  return before.nodes.flatMap((node) => {
    const now = after.nodes.find(({ id }) => id === node.id);
    if (now === undefined || isBetween(node)) return [];
    const { minimum, maximum } = contentLimits(node, bounds);
    if (minimum === maximum) return [];
    return {
      node: node.id,
      name: nameOf(node),
      saved: node.sizeBytes,
      planned: now.sizeBytes,
      minimum: Math.ceil(minimum),
      maximum: Number.isSafeInteger(Math.floor(maximum)) ? Math.floor(maximum) : null,
      holds: node.mount === null ? null : loadOf(node).bytes,
    };
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
