import type { Dump, Partition } from '../dump.ts';
import { headerOf, numberHeaderOf } from '../read.ts';
import { endOf, lineOf, type Problem } from './validate.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const defaultLength = 128;
/** UTF-16 units that an entry has room for. */
const longestName = 36;
const attribute = /^(RequiredPartition|NoBlockIOProtocol|LegacyBIOSBootable|GUID:\d+(,\d+)*)$/;

/** What only a GPT can have wrong: GUIDs, the usable area, the room for entries, names and attributes. */
export function gptProblems(dump: Dump, partitions: readonly Partition[]): Problem[] {
  const problems: Problem[] = [];
  const id = headerOf(dump, 'label-id');
  if (id !== null && !guid.test(id))
    problems.push({
      line: lineOf(dump, 'label-id'),
      severity: 'error',
      code: 'label-id',
      message: `${id} is no GUID`,
    });
  const seen = new Map<string, Partition>();
  for (const partition of partitions) {
    problems.push(...entryProblems(partition, numberHeaderOf(dump, 'table-length') ?? defaultLength));
    problems.push(...areaProblems(dump, partition));
    const uuid = partition.uuid?.toLowerCase();
    const twin = uuid === undefined ? undefined : seen.get(uuid);
    if (twin) problems.push(error(partition, 'guid', `${partition.device} has the uuid of ${twin.device}`));
    else if (uuid !== undefined) seen.set(uuid, partition);
  }
  return problems;
}

function error({ line }: Partition, code: Problem['code'], message: string): Problem {
  return { line, severity: 'error', code, message };
}

function entryProblems(partition: Partition, length: number): Problem[] {
  const { device, number, type, uuid, name, attributes, bootable } = partition;
  const problems: Problem[] = [];
  if (number > length) problems.push(error(partition, 'number', `${device}: the table has room for ${length}`));
  if (type !== null && !guid.test(type)) problems.push(error(partition, 'type', `${device}: ${type} is no GUID`));
  if (uuid !== null && !guid.test(uuid)) problems.push(error(partition, 'guid', `${device}: ${uuid} is no GUID`));
  if (name !== null && name.length > longestName)
    problems.push(error(partition, 'field', `${device}: its name is longer than ${longestName} characters`));
  if (bootable) problems.push(error(partition, 'field', `${device}: a GPT has attributes, not bootable`));
  for (const word of attributes)
    if (!attribute.test(word)) problems.push(error(partition, 'field', `${device}: unknown attribute ${word}`));
  return problems;
}

function areaProblems(dump: Dump, partition: Partition): Problem[] {
  const first = numberHeaderOf(dump, 'first-lba');
  const last = numberHeaderOf(dump, 'last-lba');
  const { device, start } = partition;
  const problems: Problem[] = [];
  if (first !== null && start !== null && start < first)
    problems.push(error(partition, 'bounds', `${device} begins at sector ${start}, before first-lba ${first}`));
  if (last !== null && endOf(partition) - 1 > last)
    problems.push(
      error(partition, 'bounds', `${device} ends at sector ${endOf(partition) - 1}, behind last-lba ${last}`),
    );
  return problems;
}
