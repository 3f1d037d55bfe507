import type { BlockFacts, DiskFacts, PartitionFacts } from '../facts.ts';

/** Gaps below this are alignment and the tables' own places, not room. */
export const smallestGapBytes = 2 * 1024 * 1024;

/** A piece of a disk from left to right. */
export type Segment =
  | { kind: 'partition'; partition: PartitionFacts; inside: number | null }
  | { kind: 'free'; startBytes: number; sizeBytes: number; inside: number | null }
  /** A disk used without a partition table. */
  | { kind: 'whole'; block: BlockFacts };

/** What lies on the disk in its order, gaps included. `inside` is the number of the extended partition around it. */
export function segmentsOf(disk: DiskFacts): Segment[] {
  const { block, partitions } = disk;
  if (partitions.length === 0) {
    const used = block.content !== null || block.children.length > 0 || block.mounts.length > 0;
    return used
      ? [{ kind: 'whole', block }]
      : [{ kind: 'free', startBytes: 0, sizeBytes: block.sizeBytes, inside: null }];
  }
  const frames = partitions.filter(({ extended }) => extended);
  const inFrame = (each: PartitionFacts): PartitionFacts | undefined =>
    frames.find((frame) => frame !== each && startOf(each) >= startOf(frame) && startOf(each) < endOf(frame));
  const outer = partitions.filter((each) => inFrame(each) === undefined);
  return withGaps(outer, 0, block.sizeBytes, null).flatMap((segment) => {
    if (segment.kind !== 'partition' || !segment.partition.extended) return [segment];
    const frame = segment.partition;
    const inner = partitions.filter((each) => inFrame(each) === frame);
    return withGaps(inner, startOf(frame), endOf(frame), frame.number);
  });
}

function startOf({ startBytes }: PartitionFacts): number {
  return startBytes ?? 0;
}

function endOf(partition: PartitionFacts): number {
  return startOf(partition) + partition.block.sizeBytes;
}

function withGaps(partitions: readonly PartitionFacts[], from: number, to: number, inside: number | null): Segment[] {
  const segments: Segment[] = [];
  let cursor = from;
  const addGap = (end: number): void => {
    if (end - cursor >= smallestGapBytes)
      segments.push({ kind: 'free', startBytes: cursor, sizeBytes: end - cursor, inside });
  };
  const placed = partitions.every(({ startBytes }) => startBytes !== null);
  for (const partition of partitions.toSorted((left, right) => startOf(left) - startOf(right))) {
    if (placed) addGap(startOf(partition));
    segments.push({ kind: 'partition', partition, inside });
    cursor = Math.max(cursor, endOf(partition));
  }
  if (placed) addGap(to);
  return segments;
}

/** Room of a volume group that nothing uses; null where it cannot be told: volumes may lie on several disks. */
export function roomLeft({ content, sizeBytes, children }: BlockFacts): number | null {
  if (content !== 'LVM2_member' || children.some(({ alsoOn }) => alsoOn.length > 0)) return null;
  const left = sizeBytes - children.reduce((sum, child) => sum + child.sizeBytes, 0);
  // LVM keeps its metadata and up to an extent for itself.
  return left >= 16 * smallestGapBytes ? left : null;
}

export function sizeOf(segment: Segment): number {
  if (segment.kind === 'free') return segment.sizeBytes;
  return segment.kind === 'whole' ? segment.block.sizeBytes : segment.partition.block.sizeBytes;
}
