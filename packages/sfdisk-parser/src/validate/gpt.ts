import type { Dump, Partition } from '../dump.ts';
import { headerOf, numberHeaderOf } from '../read.ts';
import { endOf, error, lineOf, type Problem, type Sectors, warning } from './problem.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const defaultLength = 128;
/** Bytes. */
const entrySize = 128;
/** libfdisk keeps the size of all entries in 32 bits. */
const longestTable = Math.floor((2 ** 32 - 1) / entrySize);
/** UTF-16 units that an entry has room for. */
const longestName = 36;
/** Bits 48 to 63 belong to the partition's type; a number may stand alone. */
const attribute =
  /^(RequiredPartition|NoBlockIOProtocol|LegacyBIOSBootable|(GUID:)?(4[89]|5\d|6[0-3])(,(4[89]|5\d|6[0-3]))*)$/;

/** What only a GPT can have wrong: GUIDs, the usable area, the room for entries, names and attributes. */
export function gptProblems(dump: Dump, partitions: readonly Partition[], sectors: Sectors): Problem[] {
  const problems = [...idProblems(dump, partitions), ...areaProblems(dump, partitions, sectors)];
  const length = numberHeaderOf(dump, 'table-length') ?? defaultLength;
  if (length < 1 || length > longestTable)
    problems.push(error(lineOf(dump, 'table-length'), 'header', `a table of ${length} entries cannot be made`));
  for (const partition of partitions) {
    problems.push(...entryProblems(partition));
    const { device, number } = partition;
    if (number > length) problems.push(error(partition, 'number', `${device}: the table has room for ${length}`));
  }
  return problems;
}

function idProblems(dump: Dump, partitions: readonly Partition[]): Problem[] {
  const id = headerOf(dump, 'label-id');
  const problems =
    id === null || guid.test(id) ? [] : [error(lineOf(dump, 'label-id'), 'label-id', `${id} is no GUID`)];
  const seen = new Map<string, Partition>();
  for (const partition of partitions) {
    const uuid = partition.uuid?.toLowerCase();
    const twin = uuid === undefined ? undefined : seen.get(uuid);
    // Disks that were copied partition by partition have it, and run.
    if (twin) problems.push(warning(partition, 'guid', `${partition.device} has the uuid of ${twin.device}`));
    else if (uuid !== undefined) seen.set(uuid, partition);
  }
  return problems;
}

function entryProblems(partition: Partition): Problem[] {
  const { device, type, uuid, name, attributes, bootable } = partition;
  const problems: Problem[] = [];
  if (type !== null && !guid.test(type)) problems.push(error(partition, 'type', `${device}: ${type} is no GUID`));
  if (type !== null && /^[0-]+$/.test(type))
    problems.push(warning(partition, 'type', `${device} has the type of a free entry`));
  if (uuid === null) problems.push(warning(partition, 'guid', `${device} has no uuid: sfdisk makes one up`));
  else if (!guid.test(uuid)) problems.push(error(partition, 'guid', `${device}: ${uuid} is no GUID`));
  if (name !== null) problems.push(...nameProblems(partition, name));
  if (bootable) problems.push(error(partition, 'field', `${device}: a GPT has attributes, not bootable`));
  for (const word of attributes)
    if (!attribute.test(word)) problems.push(error(partition, 'field', `${device}: sfdisk ignores attribute ${word}`));
  return problems;
}

function nameProblems(partition: Partition, name: string): Problem[] {
  if (name.length > longestName)
    return [error(partition, 'field', `${partition.device}: its name is longer than ${longestName} characters`)];
  // Tried with util-linux 2.38: `sfdisk -d` prints such a name, but sfdisk drops the whole name when it reads it.
  if (/[\u{10000}-\u{10ffff}\ufffd]/u.test(name))
    return [warning(partition, 'field', `${partition.device}: sfdisk cannot write its name, and leaves it empty`)];
  return [];
}

/** The table takes a header and its entries at both ends of the disk (UEFI specification, 5.3). */
function areaProblems(dump: Dump, partitions: readonly Partition[], sectors: Sectors): Problem[] {
  const length = numberHeaderOf(dump, 'table-length') ?? defaultLength;
  const entries = Math.ceil((length * entrySize) / sectors.size);
  const lowest = 2 + entries;
  const highest = sectors.count - 2 - entries;
  const [first, last] = [numberHeaderOf(dump, 'first-lba'), numberHeaderOf(dump, 'last-lba')];
  if (highest < lowest)
    return [error(lineOf(dump, 'label'), 'bounds', `the disk has no room for a table of ${length} entries`)];
  const problems: Problem[] = [];
  const limits = { 'first-lba': first, 'last-lba': last };
  for (const [header, value] of Object.entries(limits)) {
    if (value === null || (value >= lowest && value <= highest)) continue;
    const left = `a table of ${length} entries leaves ${lowest} ${Number.isFinite(highest) ? `to ${highest}` : 'and more'}`;
    problems.push(error(lineOf(dump, header), 'bounds', `${header} is ${value}, ${left}`));
  }
  if (first !== null && last !== null && first > last)
    problems.push(error(lineOf(dump, 'last-lba'), 'bounds', `last-lba ${last} is before first-lba ${first}`));
  const end = last ?? highest;
  const begin = first ?? (sectors.first < end ? Math.max(lowest, sectors.first) : lowest);
  for (const partition of partitions) {
    const { device, start } = partition;
    if (start !== null && start < begin)
      problems.push(error(partition, 'bounds', `${device} begins at sector ${start}, the usable area at ${begin}`));
    if (endOf(partition) - 1 > end)
      problems.push(
        error(partition, 'bounds', `${device} ends at sector ${endOf(partition) - 1}, the usable area at ${end}`),
      );
  }
  return problems;
}
