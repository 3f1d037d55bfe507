import type { Dump, Partition } from '../dump.ts';
import { headerOf, isExtended, labelOf, numberHeaderOf, partitionsOf, sectorSizeOf } from '../read.ts';
import { dosProblems } from './dos.ts';
import { gptProblems } from './gpt.ts';

/** Something about a table that is wrong, and the line where it stands. */
export interface Problem {
  /** 1 for the first line; 0 when a line is missing. */
  line: number;
  /** An error can not be written to a disk; a warning is unusual, and real disks have it. */
  severity: 'error' | 'warning';
  code:
    | 'header'
    | 'label'
    | 'label-id'
    | 'sector-size'
    | 'number'
    | 'duplicate'
    | 'field'
    | 'type'
    | 'guid'
    | 'bounds'
    | 'overlap'
    | 'order'
    | 'extended';
  message: string;
}

/** The disk that the table is for; what is not known is not checked. */
export interface Disk {
  /** In bytes. */
  size?: number;
  /** Bytes of a logical sector. */
  sectorSize?: number;
}

const knownHeaders = new Set([
  'label',
  'label-id',
  'device',
  'unit',
  'first-lba',
  'last-lba',
  'table-length',
  'grain',
  'sector-size',
]);
const numberHeaders = ['first-lba', 'last-lba', 'table-length', 'sector-size'];

/** All that is wrong with a table, in the order of its lines. An empty list: sfdisk can write it as it stands. */
export function validateDump(dump: Dump, disk: Disk = {}): Problem[] {
  const partitions = partitionsOf(dump);
  const problems = [...headerProblems(dump), ...sectorProblems(dump, disk), ...fieldProblems(partitions)];
  problems.push(...duplicateProblems(partitions), ...overlapProblems(partitions), ...orderProblems(partitions));
  problems.push(...boundsProblems(dump, partitions, disk));
  if (labelOf(dump) === 'dos') problems.push(...dosProblems(dump, partitions));
  if (labelOf(dump) === 'gpt') problems.push(...gptProblems(dump, partitions));
  return problems.sort((one, other) => one.line - other.line);
}

function headerProblems(dump: Dump): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  let inPartitions = false;
  for (const [index, line] of dump.lines.entries()) {
    const error = (code: Problem['code'], message: string): void => {
      problems.push({ line: index + 1, severity: 'error', code, message });
    };
    if (line.kind === 'partition') inPartitions = true;
    if (line.kind !== 'header') continue;
    if (!knownHeaders.has(line.name)) error('header', `unknown header ${line.name}`);
    if (seen.has(line.name)) error('header', `${line.name} stands there twice`);
    if (inPartitions) error('header', `${line.name} stands after the first partition`);
    if (numberHeaders.includes(line.name) && numberHeaderOf(dump, line.name) === null)
      error('header', `${line.name} is not a number: ${line.value}`);
    if (line.name === 'unit' && line.value !== 'sectors') error('header', `unit ${line.value} is not supported`);
    seen.add(line.name);
  }
  const label = labelOf(dump);
  if (label === null) problems.push({ line: 0, severity: 'error', code: 'label', message: 'no label header' });
  else if (label !== 'dos' && label !== 'gpt')
    problems.push({ line: lineOf(dump, 'label'), severity: 'warning', code: 'label', message: `label ${label}` });
  return problems;
}

/** The line of a header; 0 without. */
export function lineOf(dump: Dump, header: string): number {
  return dump.lines.findIndex((line) => line.kind === 'header' && line.name === header) + 1;
}

function sectorProblems(dump: Dump, disk: Disk): Problem[] {
  const line = lineOf(dump, 'sector-size');
  const size = sectorSizeOf(dump);
  const error = (message: string): Problem[] => [{ line, severity: 'error', code: 'sector-size', message }];
  if (size < 512 || (size & (size - 1)) !== 0) return error(`sectors of ${size} bytes do not exist`);
  if (disk.sectorSize !== undefined && disk.sectorSize !== size)
    return error(`the table counts sectors of ${size} bytes, the disk has ${disk.sectorSize}`);
  return [];
}

function fieldProblems(partitions: readonly Partition[]): Problem[] {
  return partitions.flatMap(({ line, device, start, size, type }) => {
    const error = (message: string): Problem => ({ line, severity: 'error', code: 'field', message });
    return [
      ...(start === null ? [error(`${device} has no start in sectors`)] : []),
      ...(size === null ? [error(`${device} has no size in sectors`)] : []),
      ...(size === 0 ? [error(`${device} is empty`)] : []),
      ...(type === null ? [error(`${device} has no type`)] : []),
    ];
  });
}

function duplicateProblems(partitions: readonly Partition[]): Problem[] {
  const seen = new Map<number, Partition>();
  return partitions.flatMap((partition): Problem[] => {
    const { line, number } = partition;
    const first = seen.get(number);
    if (!first) {
      seen.set(number, partition);
      return [];
    }
    const message = `partition ${number} stands in line ${first.line} already`;
    return [{ line, severity: 'error', code: 'duplicate', message }];
  });
}

/** First sector behind a partition. */
export function endOf({ start, size }: Partition): number {
  return (start ?? 0) + (size ?? 0);
}

/** Logical partitions lie inside the extended one: those two do not overlap, all others may not. */
function overlapProblems(partitions: readonly Partition[]): Problem[] {
  const solid = partitions.filter(({ type, size }) => !isExtended(type) && size !== null && size > 0);
  const sorted = solid.toSorted((one, other) => (one.start ?? 0) - (other.start ?? 0));
  const problems: Problem[] = [];
  let furthest = sorted[0];
  for (const partition of sorted.slice(1)) {
    if (furthest && (partition.start ?? 0) < endOf(furthest))
      problems.push({
        line: partition.line,
        severity: 'error',
        code: 'overlap',
        message: `${partition.device} begins at sector ${partition.start}, inside ${furthest.device} (to ${endOf(furthest) - 1})`,
      });
    if (!furthest || endOf(partition) > endOf(furthest)) furthest = partition;
  }
  return problems;
}

function orderProblems(partitions: readonly Partition[]): Problem[] {
  return partitions.flatMap((partition, index): Problem[] => {
    const before = partitions[index - 1];
    if (!before || partition.number > before.number) return [];
    const message = `partition ${partition.number} stands after partition ${before.number}`;
    return [{ line: partition.line, severity: 'warning', code: 'order', message }];
  });
}

function boundsProblems(dump: Dump, partitions: readonly Partition[], disk: Disk): Problem[] {
  const sectors = disk.size === undefined ? Number.POSITIVE_INFINITY : Math.floor(disk.size / sectorSizeOf(dump));
  const problems: Problem[] = [];
  for (const partition of partitions)
    if (endOf(partition) > sectors)
      problems.push({
        line: partition.line,
        severity: 'error',
        code: 'bounds',
        message: `${partition.device} ends at sector ${endOf(partition) - 1}, the disk at ${sectors - 1}`,
      });
  const last = numberHeaderOf(dump, 'last-lba');
  if (headerOf(dump, 'label') === 'gpt' && last !== null && last >= sectors)
    problems.push({
      line: lineOf(dump, 'last-lba'),
      severity: 'error',
      code: 'bounds',
      message: `last-lba is ${last}, the disk ends at sector ${sectors - 1}`,
    });
  return problems;
}
