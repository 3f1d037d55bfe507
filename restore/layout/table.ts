import { RekindleError } from '../../common/errors/error.ts';

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

/** '/dev/vda' and 5: '/dev/vda5'; '/dev/nvme0n1' and 5: '/dev/nvme0n1p5'. */
export function partitionDevice(disk: string, number: number): string {
  return `${disk}${/\d$/.test(disk) ? 'p' : ''}${number}`;
}

/** Reads the output of `sfdisk -d`. @throws RekindleError RK408 when it is no sound table of such a disk. */
export function readTable(text: string, diskBytes: number, sectorBytes: number): Table {
  const header = (name: string) => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(text)?.[1];
  const label = header('label');
  if (label !== 'dos' && label !== 'gpt') throw new RekindleError('RK408', `table of type ${label ?? 'none'}`);
  const signature = (header('label-id') ?? '0x00000000').replace(/^0x/, '').toLowerCase();
  const partitions = text.split('\n').flatMap((line) => {
    const match = /^(\/\S+?(\d+)) : (.*)$/.exec(line);
    if (match === null) return [];
    const [, device = '', number = '', rest = ''] = match;
    const field = (name: string) => new RegExp(`(?:^|,)\\s*${name}=\\s*([^,\\s]+)`).exec(rest)?.[1] ?? '';
    const type = field('type').toUpperCase();
    const hex = Number(number).toString(16).padStart(2, '0');
    return {
      number: Number(number),
      device,
      start: Number(field('start')),
      sectors: Number(field('size')),
      type,
      id: label === 'gpt' ? field('uuid').toLowerCase() : `${signature}-${hex}`,
      extended: label === 'dos' && /^0?(5|F|85)$/.test(type),
    };
  });
  for (const { device, start, sectors } of partitions) {
    if (!(sectors > 0) || (start + sectors) * sectorBytes > diskBytes)
      throw new RekindleError('RK408', `${device}: out of bounds`);
  }
  return { label, sectorBytes, tableLength: Number(header('table-length') ?? 128), partitions, text };
}

/** The table as input of sfdisk for a disk; `wholeDisk` lets a GPT use all of a disk of another size. */
export function renderTable(table: Table, disk: string, options: { wholeDisk: boolean }): string {
  const device = /^device:\s*(\S+)\s*$/m.exec(table.text)?.[1] ?? '';
  const lines = table.text.split('\n').flatMap((line) => {
    if (options.wholeDisk && line.startsWith('last-lba:')) return [];
    if (line.startsWith('device:')) return [`device: ${disk}`];
    const match = /^(\/\S+?(\d+)) :/.exec(line);
    if (device === '' || match?.[1] === undefined) return [line];
    return [`${partitionDevice(disk, Number(match[2]))}${line.slice(match[1].length)}`];
  });
  return lines.join('\n');
}

/** Type of an EFI system partition, in both kinds of table. */
export function isSystemPartition({ type }: TablePartition): boolean {
  return type === 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B' || type === 'EF';
}
