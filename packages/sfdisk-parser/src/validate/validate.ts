import type { Dump, Partition } from '../dump.ts';
import { isExtended, labelOf, partitionsOf } from '../read.ts';
import { dosProblems } from './dos.ts';
import { gptProblems } from './gpt.ts';
import { headerProblems } from './header.ts';
import { firstLogical } from './logical.ts';
import * as check from './partition.ts';
import { type Disk, type Problem, sectorsOf } from './problem.ts';

/**
 * All that is wrong with a table, in the order of its lines. Without an error in it, sfdisk (util-linux 2.38) writes
 * the table as it stands.
 */
export function validateDump(dump: Dump, disk: Disk = {}): Problem[] {
  const partitions = partitionsOf(dump);
  const label = labelOf(dump);
  const problems = [...headerProblems(dump, disk), ...check.lineProblems(dump), ...check.duplicateProblems(partitions)];
  // In a sun or sgi table a partition over the whole disk is the rule.
  if (label === 'dos' || label === 'gpt') problems.push(...tableProblems(dump, label, partitions, disk));
  return problems.sort((one, other) => one.line - other.line);
}

function tableProblems(dump: Dump, label: 'dos' | 'gpt', partitions: readonly Partition[], disk: Disk): Problem[] {
  const sectors = sectorsOf(dump, disk);
  const frame = (partition: Partition): boolean => label === 'dos' && isExtended(partition.type);
  const besides = (group: readonly Partition[]) => [...check.overlapProblems(group), ...check.orderProblems(group)];
  return [
    ...check.valueProblems(partitions),
    ...check.alignmentProblems(
      partitions.filter((partition) => !frame(partition)),
      sectors,
    ),
    ...groupsOf(partitions, label).flatMap(besides),
    ...(label === 'dos' ? dosProblems(dump, partitions, sectors) : gptProblems(dump, partitions, sectors)),
  ];
}

/** Partitions that lie beside each other: in an MBR the logical ones are inside of the extended one. */
function groupsOf(partitions: readonly Partition[], label: 'dos' | 'gpt'): (readonly Partition[])[] {
  if (label === 'gpt') return [partitions];
  const isLogical = ({ number }: Partition): boolean => number >= firstLogical;
  return [partitions.filter((partition) => !isLogical(partition)), partitions.filter(isLogical)];
}
