import { trailingDigits } from '../device.ts';
import type { Dump, Field, Partition } from '../dump.ts';
import { endOf, error, type Problem, type Sectors, warning } from './problem.ts';

/** Bytes: sectors of most disks are that large, whatever size they tell. */
const physicalSector = 4096;
const knownFields = new Set(['start', 'size', 'type', 'id', 'uuid', 'name', 'attrs', 'bootable']);
/** sfdisk ends a value at a space, and a quoted one at the next quote. */
const readable = /^\s*(bootable|(?!bootable)[a-z]+=\s*("[^"]*"|[^\s,;"]+))\s*$/i;

/** Partition lines that sfdisk would not read, or read otherwise. */
export function lineProblems(dump: Dump): Problem[] {
  return dump.lines.flatMap((line, index): Problem[] => {
    if (line.kind !== 'partition') return [];
    const { device, number, fields } = line;
    const at = { line: index + 1 };
    const problems = fields.flatMap((field) => fieldProblems(field, device).map((text) => error(at, 'field', text)));
    const names = fields.map(({ name }) => (name === 'id' ? 'type' : name));
    for (const name of new Set(names.filter((candidate, position) => names.indexOf(candidate) < position)))
      problems.push(error(at, 'field', `${device}: ${name} stands there twice`));
    if (/[:=]/.test(device)) problems.push(error(at, 'number', `${device}: sfdisk reads no name with : or =`));
    else if (Number(trailingDigits(device)) !== number)
      problems.push(error(at, 'number', `${device} is partition ${number}, sfdisk reads ${trailingDigits(device)}`));
    return problems;
  });
}

function fieldProblems({ name, text }: Field, device: string): string[] {
  if (!knownFields.has(name)) return [`${device}: sfdisk does not know the field ${name}`];
  return readable.test(text) ? [] : [`${device}: sfdisk cannot read ${text.trim()}`];
}

/** What every partition has, in any table. */
export function valueProblems(partitions: readonly Partition[]): Problem[] {
  return partitions.flatMap((partition) => {
    const { device, start, size, type } = partition;
    return [
      ...(start === null ? [error(partition, 'field', `${device} has no start in sectors`)] : []),
      ...(size === null ? [error(partition, 'field', `${device} has no size in sectors`)] : []),
      ...(size === 0 ? [error(partition, 'field', `${device} is empty`)] : []),
      ...(type === null ? [error(partition, 'field', `${device} has no type`)] : []),
    ];
  });
}

export function duplicateProblems(partitions: readonly Partition[]): Problem[] {
  const seen = new Map<number, Partition>();
  return partitions.flatMap((partition) => {
    const first = seen.get(partition.number);
    if (first)
      return [error(partition, 'duplicate', `partition ${partition.number} stands in line ${first.line} already`)];
    seen.set(partition.number, partition);
    return [];
  });
}

/** Each partition that begins inside of one that begins earlier on the disk. */
export function overlapProblems(partitions: readonly Partition[]): Problem[] {
  const solid = partitions.filter(({ start, size }) => start !== null && size !== null && size > 0);
  const problems: Problem[] = [];
  let furthest: Partition | undefined;
  for (const partition of solid.toSorted((one, other) => (one.start ?? 0) - (other.start ?? 0))) {
    if (furthest && (partition.start ?? 0) < endOf(furthest)) {
      const inside = `inside of ${furthest.device} (to sector ${endOf(furthest) - 1})`;
      problems.push(error(partition, 'overlap', `${partition.device} begins at sector ${partition.start}, ${inside}`));
    }
    if (!furthest || endOf(partition) > endOf(furthest)) furthest = partition;
  }
  return problems;
}

/** Numbers that do not follow the order of the lines or of the disk: harmless, but `sda1` is not where people look. */
export function orderProblems(partitions: readonly Partition[]): Problem[] {
  return partitions.flatMap((partition, index) => {
    const before = partitions[index - 1];
    if (!before) return [];
    if (partition.number < before.number)
      return [warning(partition, 'order', `partition ${partition.number} stands after partition ${before.number}`)];
    if ((partition.start ?? 0) < (before.start ?? 0))
      return [warning(partition, 'order', `${partition.device} lies before ${before.device} on the disk`)];
    return [];
  });
}

/** Slow on disks with physical sectors of 4 KiB. */
export function alignmentProblems(partitions: readonly Partition[], sectors: Sectors): Problem[] {
  return partitions
    .filter(({ start }) => ((start ?? 0) * sectors.size) % physicalSector !== 0)
    .map((partition) =>
      warning(partition, 'alignment', `${partition.device} begins at no multiple of ${physicalSector} bytes`),
    );
}
