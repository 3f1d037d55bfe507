import type { Partition } from '../dump.ts';
import { isExtended } from '../read.ts';
import { endOf, error, type Problem, type Sectors } from './problem.ts';

/** Logical partitions are numbered from here. */
export const firstLogical = 5;

/** A logical partition that was placed, and the sector of its own table (EBR). */
interface Placed {
  partition: Partition;
  start: number;
  end: number;
  ebr: number;
}

/**
 * Whether sfdisk can lay out the chain of logical partitions. It numbers them from 5 in the order of the lines, writes
 * the first one's EBR to the first sector of the extended partition, and the others' some sectors before themselves:
 * 1 MiB, or 1 sector as soon as any line before begins nearer than that (libfdisk/src/dos.c, add_partition()).
 */
export function logicalProblems(partitions: readonly Partition[], sectors: Sectors): Problem[] {
  const problems: Problem[] = [];
  const placed: Placed[] = [];
  let gap = sectors.first;
  let extended: Partition | undefined;
  for (const partition of partitions) {
    const { device, number, type, start } = partition;
    const logical = number >= firstLogical;
    if ((start ?? 0) - (logical ? (extended?.start ?? 0) : 0) < gap) gap = 1;
    if (!logical) {
      if (isExtended(type)) extended ??= partition;
      continue;
    }
    if (isExtended(type))
      problems.push(error(partition, 'extended', `${device} is extended inside of the extended one`));
    const wanted = firstLogical + placed.length;
    if (number !== wanted) problems.push(error(partition, 'number', `${device} becomes partition ${wanted}`));
    const place = { partition, start: start ?? 0, end: endOf(partition), ebr: (start ?? 0) - gap };
    problems.push(...placeProblems(place, extended, placed, gap));
    placed.push(place);
  }
  return problems;
}

function placeProblems(
  place: Placed,
  extended: Partition | undefined,
  placed: readonly Placed[],
  gap: number,
): Problem[] {
  const { partition, start, end } = place;
  const { device } = partition;
  if (!extended)
    return [error(partition, 'extended', `${device} is logical, and no extended partition stands before it`)];
  const from = extended.start ?? 0;
  if (start <= from || end > endOf(extended))
    return [error(partition, 'extended', `${device} is not inside of ${extended.device}`)];
  if (placed.length === 0) place.ebr = from;
  // The first EBR is there already.
  else if (place.ebr === from) place.ebr += 1;
  if (place.ebr < from || place.ebr >= start) return [error(partition, 'extended', noRoom(device, gap))];
  const blocked = placed.some((other) => {
    if (start < other.end && other.start < end) return false; // an overlap, which says so itself
    const near = start < other.end + gap && other.start < end + gap;
    return near || (other.ebr >= start && other.ebr < end);
  });
  return blocked ? [error(partition, 'extended', noRoom(device, gap))] : [];
}

function noRoom(device: string, gap: number): string {
  const kept = `${gap} ${gap === 1 ? 'sector' : 'sectors'}`;
  return `${device} leaves no room for the tables between logical partitions, sfdisk keeps ${kept}`;
}
