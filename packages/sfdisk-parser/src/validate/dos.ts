import type { Dump, Partition } from '../dump.ts';
import { headerOf, isExtended } from '../read.ts';
import { firstLogical, logicalProblems } from './logical.ts';
import { endOf, error, lineOf, type Problem, type Sectors, warning } from './problem.ts';

/** An MBR counts sectors in 32 bits, and libfdisk none behind these. */
const mostSectors = 2 ** 32;
/** libfdisk/src/dos.c, MAXIMUM_PARTS */
const mostPartitions = 60;

/** What only an MBR can have wrong: four primaries, one extended, logicals inside it, 32-bit sector numbers. */
export function dosProblems(dump: Dump, partitions: readonly Partition[], sectors: Sectors): Problem[] {
  const problems: Problem[] = [];
  const id = headerOf(dump, 'label-id');
  if (id !== null && !/^0x[0-9a-f]{1,8}$/i.test(id)) {
    const message = `${id} is no MBR signature (0x and 8 hexadecimal digits)`;
    problems.push(error(lineOf(dump, 'label-id'), 'label-id', message));
  }
  const [, second] = partitions.filter(({ type, number }) => isExtended(type) && number < firstLogical);
  if (second) problems.push(error(second, 'extended', `${second.device} is a second extended partition`));
  for (const partition of partitions) problems.push(...partitionProblems(partition, sectors));
  return [...problems, ...logicalProblems(partitions, sectors)];
}

function partitionProblems(partition: Partition, sectors: Sectors): Problem[] {
  const { device, number, start, type } = partition;
  const problems: Problem[] = [];
  if (type !== null && !/^(0x)?[0-9a-f]{1,2}$/i.test(type))
    problems.push(error(partition, 'type', `${device}: ${type} is no MBR type`));
  const most = Math.min(mostSectors, sectors.count);
  const whose = most === mostSectors ? 'what an MBR can count' : 'the disk';
  if (endOf(partition) > most)
    problems.push(
      error(partition, 'bounds', `${device} ends at sector ${endOf(partition) - 1}, ${whose} at ${most - 1}`),
    );
  if (start === 0) problems.push(error(partition, 'bounds', `${device} begins on the MBR itself`));
  // util-linux 2.26 dumped the byte of the boot flag as attrs="80".
  if (partition.attributes.length > 0 || partition.uuid !== null || partition.name !== null)
    problems.push(warning(partition, 'field', `${device}: an MBR keeps no uuid, name or attributes`));
  if (number > mostPartitions)
    problems.push(error(partition, 'number', `${device}: sfdisk makes no more than ${mostPartitions} partitions`));
  return problems;
}
