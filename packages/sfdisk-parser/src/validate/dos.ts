import type { Dump, Partition } from '../dump.ts';
import { headerOf, isExtended } from '../read.ts';
import { endOf, lineOf, type Problem } from './validate.ts';

const firstLogical = 5;
const mostSectors = 2 ** 32;

/** What only an MBR can have wrong: four primaries, one extended, logicals inside it, 32-bit sector numbers. */
export function dosProblems(dump: Dump, partitions: readonly Partition[]): Problem[] {
  const problems: Problem[] = [];
  const id = headerOf(dump, 'label-id');
  if (id !== null && !/^0x[0-9a-f]{1,8}$/i.test(id))
    problems.push({
      line: lineOf(dump, 'label-id'),
      severity: 'error',
      code: 'label-id',
      message: `${id} is no MBR signature (0x and 8 hexadecimal digits)`,
    });
  const [extended, second] = partitions.filter(({ type }) => isExtended(type));
  if (second) problems.push(error(second, 'extended', `${second.device} is a second extended partition`));
  for (const partition of partitions) problems.push(...partitionProblems(partition, extended));
  return problems;
}

function error({ line }: Partition, code: Problem['code'], message: string): Problem {
  return { line, severity: 'error', code, message };
}

function partitionProblems(partition: Partition, extended: Partition | undefined): Problem[] {
  const { device, number, start, size, type } = partition;
  const problems: Problem[] = [];
  if (type !== null && !/^(0x)?[0-9a-f]{1,2}$/i.test(type))
    problems.push(error(partition, 'type', `${device}: ${type} is no MBR type`));
  if ((start ?? 0) >= mostSectors || (size ?? 0) >= mostSectors)
    problems.push(error(partition, 'bounds', `${device}: an MBR counts to ${mostSectors - 1} sectors`));
  if (start === 0) problems.push(error(partition, 'bounds', `${device} begins on the MBR itself`));
  if (partition.attributes.length > 0 || partition.uuid !== null || partition.name !== null)
    problems.push(error(partition, 'field', `${device}: an MBR keeps no uuid, name or attributes`));
  if (number < firstLogical) return problems;
  if (isExtended(type)) problems.push(error(partition, 'extended', `${device} is extended inside of the extended one`));
  if (!extended)
    problems.push(error(partition, 'extended', `${device} is logical, and there is no extended partition`));
  // The sector before a logical partition, at least, holds its own table (EBR).
  else if ((start ?? 0) <= (extended.start ?? 0) || endOf(partition) > endOf(extended))
    problems.push(error(partition, 'extended', `${device} is not inside of ${extended.device}`));
  return problems;
}
