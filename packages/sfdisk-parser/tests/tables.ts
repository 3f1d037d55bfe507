import fc from 'fast-check';

/** A table in the exact spelling of `sfdisk -d`, rendered without the package under test. */
export interface Table {
  text: string;
  /** Bytes of the disk. */
  size: number;
  sectorSize: number;
  label: 'dos' | 'gpt';
  /** By number. */
  partitions: Entry[];
}

export interface Entry {
  number: number;
  start: number;
  size: number;
  type: string;
  uuid?: string;
  name?: string;
  attributes?: string;
  bootable?: boolean;
}

const hexDigits = '0123456789ABCDEF';
const guids = fc
  .array(fc.constantFrom(...hexDigits), { minLength: 32, maxLength: 32 })
  .map((digits) => `1${digits.slice(1).join('')}`.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));

/** Up to 36 UTF-16 units that sfdisk can write: no NUL, nothing beyond the basic plane. */
const names = fc
  .array(
    fc.oneof(
      fc.constantFrom(...' ,;:"\\=$`#\'x1\t\n\u007f'),
      fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      fc.constantFrom(...'éßĀЖ日本語ア\u2028\ue000'),
    ),
    { minLength: 1, maxLength: 36 },
  )
  .map((letters) => letters.join(''));

const attributes = fc
  .record({
    words: fc.subarray(['RequiredPartition', 'NoBlockIOProtocol', 'LegacyBIOSBootable']),
    bits: fc.subarray([48, 49, 55, 60, 61, 62, 63]),
  })
  .map(({ words, bits }) => [...words, ...(bits.length > 0 ? [`GUID:${bits.join(',')}`] : [])].join(' '));

const gaps = fc.oneof(fc.constant(0), fc.constantFrom(1, 8, 63, 2048), fc.nat(100_000));
const sizes = fc.oneof(fc.constantFrom(1, 2, 63, 2048), fc.integer({ min: 1, max: 5_000_000 }));
const ranges = (maxLength: number) => fc.array(fc.record({ gap: gaps, size: sizes }), { maxLength });

function quote(name: string): string {
  return Array.from(Buffer.from(name), (byte) => {
    const plain = byte >= 0x20 && byte <= 0x7e && !'"\\`$'.includes(String.fromCharCode(byte));
    return plain ? String.fromCharCode(byte) : `\\x${Buffer.from([byte]).toString('hex')}`;
  }).join('');
}

export function renderTable(headers: readonly string[], disk: string, partitions: readonly Entry[]): string {
  const lines = partitions.map(({ number, start, size, type, uuid, name, attributes: words, bootable }) => {
    const node = `${disk}${/\d$/.test(disk) ? 'p' : ''}${number}`;
    const numbers = `start=${String(start).padStart(12)}, size=${String(size).padStart(12)}`;
    const rest = [
      uuid === undefined ? '' : `, uuid=${uuid}`,
      name ? `, name="${quote(name)}"` : '',
      words ? `, attrs="${words}"` : '',
      bootable ? ', bootable' : '',
    ];
    return `${node} : ${numbers}, type=${type}${rest.join('')}`;
  });
  return [...headers, ...(lines.length > 0 ? ['', ...lines] : []), ''].join('\n');
}

const disks = fc.constantFrom('/dev/sda', '/dev/vdaa', '/dev/nvme0n1', '/dev/mmcblk0', '/dev/md127', '/dev/loop7');

/** Sound GPTs: any order on the disk, gaps in place and numbers, other table lengths, names, attributes. */
export const gptTables: fc.Arbitrary<Table> = fc
  .record({
    disk: disks,
    id: guids,
    sectorSize: fc.constantFrom(512, 4096),
    entries: fc.array(
      fc.record({ gap: gaps, size: sizes, type: guids, uuid: guids, name: fc.option(names), attributes }),
      { maxLength: 6 },
    ),
    numbers: fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 6, maxLength: 6 }),
    length: fc.option(fc.integer({ min: 200, max: 300 })),
    lowFirst: fc.boolean(),
    behind: gaps,
  })
  .map(({ disk, id, sectorSize, entries, numbers, length, lowFirst, behind }) => {
    const sectors = Math.ceil(((length ?? 128) * 128) / sectorSize);
    const first = lowFirst ? 2 + sectors : 2 ** 20 / sectorSize;
    let at = first;
    const partitions = entries.map(({ gap, name, ...entry }, index): Entry => {
      const start = at + gap;
      at = start + entry.size;
      const number = length === null ? ((numbers[index] ?? 1) % 128) + 1 : (numbers[index] ?? 1);
      return { ...entry, number, start, ...(name === null ? {} : { name }) };
    });
    const unique = partitions.filter(({ number }, index) => partitions.findIndex((p) => p.number === number) === index);
    const last = Math.max(at, (8 * 2 ** 20) / sectorSize) + behind;
    const headers = [
      'label: gpt',
      `label-id: ${id}`,
      `device: ${disk}`,
      'unit: sectors',
      `first-lba: ${first}`,
      `last-lba: ${last}`,
      ...(length === null ? [] : [`table-length: ${length}`]),
      `sector-size: ${sectorSize}`,
    ];
    const sorted = unique.toSorted((one, other) => one.number - other.number);
    const size = (last + 2 + sectors) * sectorSize;
    return { text: renderTable(headers, disk, sorted), size, sectorSize, label: 'gpt', partitions: sorted };
  });

/** Sound MBRs: up to four primaries, one of them extended, logical ones with the room that sfdisk keeps. */
export const dosTables: fc.Arbitrary<Table> = fc
  .record({
    disk: disks,
    id: fc.integer({ min: 0, max: 0xffffffff }),
    sectorSize: fc.constantFrom(512, 4096),
    before: ranges(2),
    extended: fc.boolean(),
    logical: ranges(5),
    after: ranges(1),
    types: fc.array(fc.constantFrom('83', '82', '7', 'c', 'ef', '8e', 'fd', 'da'), { minLength: 8, maxLength: 8 }),
    active: fc.nat(9),
    tight: fc.boolean(),
    behind: gaps,
  })
  .map(({ disk, id, sectorSize, before, extended, logical, after, types, active, tight, behind }) => {
    const room = tight ? 1 : 2 ** 20 / sectorSize;
    let at = room;
    const type = (index: number) => types[index % types.length] ?? '83';
    const next = ({ gap, size }: { gap: number; size: number }, number: number): Entry => {
      const start = at + gap;
      at = start + size;
      return { number, start, size, type: type(number) };
    };
    // A tight table says so in its first line: sfdisk then keeps one sector only.
    const primaries = (tight ? [{ gap: 0, size: 1 }, ...before] : before).map((range, index) => next(range, index + 1));
    const logicals: Entry[] = [];
    if (extended) {
      const start = at;
      for (const range of logical) logicals.push(next({ ...range, gap: range.gap + room }, logicals.length + 5));
      at = Math.max(at, start + 2) + behind;
      primaries.push({ number: primaries.length + 1, start, size: at - start, type: 'f' });
    }
    for (const range of after.slice(0, 4 - primaries.length)) primaries.push(next(range, primaries.length + 1));
    const partitions = [...primaries, ...logicals].map(
      (entry, index): Entry => (index === active ? { ...entry, bootable: true } : entry),
    );
    const headers = [
      'label: dos',
      `label-id: 0x${id.toString(16).padStart(8, '0')}`,
      `device: ${disk}`,
      'unit: sectors',
      `sector-size: ${sectorSize}`,
    ];
    const size = (Math.max(at, (8 * 2 ** 20) / sectorSize) + behind) * sectorSize;
    return { text: renderTable(headers, disk, partitions), size, sectorSize, label: 'dos', partitions };
  });

export const tables: fc.Arbitrary<Table> = fc.oneof(gptTables, dosTables);
