import type { Layout, LayoutNode } from '../layout/schema.ts';

/** The partition that firmware reads an ESP from: its own, or the first member of the mirror that it lies on. */
export function espPartition(layout: Layout, esp: LayoutNode): { node: string; disk: string; number: number } | null {
  const { origin } = esp;
  if (origin.type === 'partition') return { node: esp.id, disk: origin.disk, number: origin.number };
  if (origin.type !== 'array') return null;
  const member = layout.nodes.find(
    ({ content }) => content?.kind === 'array-member' && content.array === origin.array && content.slot !== null,
  );
  return member === undefined ? null : espPartition(layout, member);
}
