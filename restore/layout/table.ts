import {
  type Dump,
  DumpSyntaxError,
  headerOf,
  isExtended,
  numberHeaderOf,
  type Partition,
  parseDump,
  partitionsOf,
  printDump,
  renameDisk,
  setHeader,
  validateDump,
} from '@rekindle/sfdisk-parser';
import { RekindleError } from '../../common/errors/error.ts';

/** '/dev/vda' and 5: '/dev/vda5'; '/dev/nvme0n1' and 5: '/dev/nvme0n1p5'. */
export { partitionDevice } from '@rekindle/sfdisk-parser';

/** A partition of a saved table. */
export interface TablePartition {
  number: number;
  /** Device node on the saved machine. */
  device: string;
  /** In logical sectors. */
  start: number;
  sectors: number;
  /** MBR: '83'; GPT: a GUID in upper case. */
  type: string;
  /** PARTUUID in lower case: the GUID, or MBR signature and number. */
  id: string;
  /** An MBR extended partition: a frame around the logical ones. */
  extended: boolean;
}

/** A saved partition table, as far as planning needs it; the text stays the authority. */
export interface Table {
  label: 'dos' | 'gpt';
  sectorBytes: number;
  /** Entries that a GPT has room for. */
  tableLength: number;
  partitions: TablePartition[];
  text: string;
}

/**
 * Reads the output of `sfdisk -d`. What is unusual passes: the disk had it. What sfdisk could not write is refused, so
 * that no disk is wiped for a table that cannot be made on it.
 * @throws RekindleError RK408 naming each line when it is no sound table of such a disk.
 */
export function readTable(text: string, diskBytes: number, sectorBytes: number): Table {
  const dump = parse(text);
  const label = headerOf(dump, 'label')?.toLowerCase();
  if (label !== 'dos' && label !== 'gpt') throw new RekindleError('RK408', `table of type ${label ?? 'none'}`);
  const problems = validateDump(dump, { size: diskBytes, sectorSize: sectorBytes });
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new RekindleError('RK408', errors.map(({ line, message }) => `line ${line}: ${message}`).join('; '));
  }
  return {
    label,
    sectorBytes,
    tableLength: numberHeaderOf(dump, 'table-length') ?? 128,
    partitions: partitionsIn(dump, label),
    text,
  };
}

function partitionsIn(dump: Dump, label: Table['label']): TablePartition[] {
  const signature = (headerOf(dump, 'label-id') ?? '').replace(/^0x/i, '').toLowerCase().padStart(8, '0');
  return partitionsOf(dump).map((partition) =>
    label === 'gpt' ? gptPartition(partition) : dosPartition(partition, signature),
  );
}

/** Whether two outputs of `sfdisk -d` are of the same partitions: numbers, places, types and ids. */
export function isSameTable(one: string, other: string): boolean {
  const [first, second] = [one, other].map(shapeOf);
  return first !== null && first === second;
}

function shapeOf(text: string): string | null {
  try {
    const dump = parseDump(text);
    const label = headerOf(dump, 'label')?.toLowerCase() === 'gpt' ? 'gpt' : 'dos';
    const partitions = partitionsIn(dump, label).toSorted((left, right) => left.number - right.number);
    return JSON.stringify([label, ...partitions.map(({ device: _device, ...partition }) => partition)]);
  } catch (error) {
    if (error instanceof DumpSyntaxError) return null;
    throw error;
  }
}

function parse(text: string): Dump {
  try {
    return parseDump(text);
  } catch (error) {
    if (error instanceof DumpSyntaxError) throw new RekindleError('RK408', error.message, { cause: error });
    throw error;
  }
}

function gptPartition({ number, device, start, size, type, uuid }: Partition): TablePartition {
  const id = (uuid ?? '').toLowerCase();
  return {
    number,
    device,
    start: start ?? 0,
    sectors: size ?? 0,
    type: (type ?? '').toUpperCase(),
    id,
    extended: false,
  };
}

function dosPartition({ number, device, start, size, type }: Partition, signature: string): TablePartition {
  const code = Number.parseInt(type ?? '0', 16)
    .toString(16)
    .toUpperCase();
  const id = `${signature}-${number.toString(16).padStart(2, '0')}`;
  return { number, device, start: start ?? 0, sectors: size ?? 0, type: code, id, extended: isExtended(type) };
}

/** The table as input of sfdisk for a disk; `wholeDisk` lets a GPT use all of a disk of another size. */
export function renderTable(table: Table, disk: string, options: { wholeDisk: boolean }): string {
  const dump = parse(table.text);
  return printDump(renameDisk(options.wholeDisk ? setHeader(dump, 'last-lba', null) : dump, disk));
}

/** Type of an EFI system partition, in both kinds of table. */
export function isSystemPartition({ type }: TablePartition): boolean {
  return type === 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B' || type === 'EF';
}
