import type { Dump, Partition } from '../dump.ts';
import { isExtended, labelOf, partitionsOf } from '../read.ts';
import { dosProblems } from './dos.ts';
import { gptProblems } from './gpt.ts';
import { headerProblems } from './header.ts';
import * as check from './partition.ts';
import { type Disk, type Problem, sectorsOf } from './problem.ts';

/**
 * All that is wrong with a table, in the order of its lines. Without an error in it, sfdisk (util-linux 2.38) writes
 * the table as it stands.
 */
export function validateDump(dump: Dump, disk: Disk = {}): Problem[] {
  const partitions = partitionsOf(dump);
  const label = labelOf(dump);
  const sectors = sectorsOf(dump, disk);
  const problems = [...headerProblems(dump, disk), ...check.lineProblems(dump), ...check.duplicateProblems(partitions)];
  // A whole-disk partition over all others is the rule in a sun or sgi table.
  if (label === 'dos' || label === 'gpt') {
    problems.push(...check.valueProblems(partitions));
    for (const group of groups(partitions, label))
      problems.push(...check.overlapProblems(group), ...check.orderProblems(group));
    problems.push(...check.alignmentProblems(partitions.filter(isSolid), sectors));
  }
  if (label === 'dos') problems.push(...dosProblems(dump, partitions, sectors));
  if (label === 'gpt') problems.push(...gptProblems(dump, partitions, sectors));
  return problems.sort((one, other) => one.line - other.line);

  function isSolid({ type }: Partition): boolean {
    return label !== 'dos' || !isExtended(type);
  }
}

/** Partitions that lie beside each other: in an MBR the logical ones are inside of the extended one. */
function groups(partitions: readonly Partition[], label: string): Partition[][] {
  if (label === 'gpt') return [[...partitions]];
  return [partitions.filter(({ number }) => number < 5), partitions.filter(({ number }) => number >= 5)];
}
