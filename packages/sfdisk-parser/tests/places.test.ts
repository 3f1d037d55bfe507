import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ProblemCode, parseDump, validateDump } from '../src/index.ts';
import { type Entry, type Table, tables } from './tables.ts';

/** Places of MBR partitions: [number, start, size, extended]; the first stands in line 4. */
function places(...entries: [number, number, number, 'ext'?][]): string[] {
  const lines = entries.map(
    ([number, start, size, ext]) => `${number} : start=${start}, size=${size}, type=${ext ? 5 : 83}`,
  );
  const dump = parseDump(`label: dos\nlabel-id: 0x12345678\n\n${lines.join('\n')}\n`);
  return validateDump(dump)
    .filter(({ severity, code }) => severity === 'error' || code === 'order')
    .map(({ line, code, message }) => `${line} ${code}: ${message}`);
}

describe('places in an MBR [C1]', () => {
  it('overlap', () => {
    expect(places([1, 2048, 100], [2, 2148, 100])).toEqual([]);
    expect(places([1, 2048, 101], [2, 2148, 100])).toEqual([
      '5 overlap: 2 begins at sector 2148, inside of 1 (to sector 2148)',
    ]);
    expect(places([1, 2048, 9000], [2, 3000, 10], [3, 8000, 10])).toHaveLength(2);
    expect(places([1, 2048, 10000, 'ext'], [2, 4096, 10])).toEqual([
      '5 overlap: 2 begins at sector 4096, inside of 1 (to sector 12047)',
    ]);
  });

  it('order: numbers, lines and the disk', () => {
    expect(places([2, 2048, 100], [1, 4096, 100])).toEqual(['5 order: partition 1 stands after partition 2']);
    expect(places([1, 4096, 100], [2, 2048, 100])).toEqual(['5 order: 2 lies before 1 on the disk']);
    expect(places([1, 2048, 100], [1, 4096, 100])).toEqual(['5 duplicate: partition 1 stands in line 4 already']);
  });

  it('logical partitions: inside of one extended partition that stands before them, numbered by line', () => {
    expect(places([5, 2049, 10])).toEqual(['4 extended: 5 is logical, and no extended partition stands before it']);
    expect(places([5, 4096, 10], [1, 2048, 9000, 'ext'])).toHaveLength(1);
    expect(places([1, 2048, 9000, 'ext'], [5, 4096, 6952])).toEqual([]);
    expect(places([1, 2048, 9000, 'ext'], [5, 4096, 6953])).toEqual(['5 extended: 5 is not inside of 1']);
    expect(places([1, 2048, 9000, 'ext'], [5, 2048, 10])).toEqual(['5 extended: 5 is not inside of 1']);
    expect(places([1, 2048, 9000, 'ext'], [6, 4096, 10])).toEqual(['5 number: 6 becomes partition 5']);
    expect(places([1, 2048, 9000, 'ext'], [5, 4096, 10, 'ext'])).toEqual([
      '5 extended: 5 is extended inside of the extended one',
    ]);
    expect(places([1, 2048, 90, 'ext'], [2, 4096, 90, 'ext'])).toEqual([
      '5 extended: 2 is a second extended partition',
    ]);
    const many = Array.from({ length: 57 }, (_, index): [number, number, number] => [index + 5, 65 + 2 * index, 1]);
    expect(places([1, 63, 1000, 'ext'], ...many)).toEqual(['61 number: 61: sfdisk makes no more than 60 partitions']);
  });

  it('room for the tables between logical partitions', () => {
    const noRoom = 'leaves no room for the tables between logical partitions, sfdisk keeps';
    expect(places([1, 2048, 20000, 'ext'], [5, 4096, 2048], [6, 8192, 100])).toEqual([]);
    expect(places([1, 2048, 20000, 'ext'], [5, 4096, 2049], [6, 8192, 100])).toEqual([
      `6 extended: 6 ${noRoom} 2048 sectors`,
    ]);
    // One that begins nearer makes sfdisk keep one sector only.
    expect(places([1, 2048, 20000, 'ext'], [5, 2050, 10], [6, 2061, 10])).toEqual([]);
    expect(places([1, 2048, 20000, 'ext'], [5, 2050, 10], [6, 2060, 10])).toEqual([`6 extended: 6 ${noRoom} 1 sector`]);
    expect(places([1, 63, 1], [2, 2048, 20000, 'ext'], [5, 4096, 10], [6, 4107, 10])).toEqual([]);
    // Out of order on the disk.
    expect(places([1, 2048, 30000, 'ext'], [5, 8192, 10], [6, 4096, 2048])).toEqual([
      '6 order: 6 lies before 5 on the disk',
    ]);
    expect(places([1, 2048, 30000, 'ext'], [5, 8192, 10], [6, 4096, 2049])).toContain(
      `6 extended: 6 ${noRoom} 2048 sectors`,
    );
    // The table of 6 went to sector 10240, where 7 would lie.
    expect(places([1, 2048, 30000, 'ext'], [5, 20000, 10], [6, 12288, 10], [7, 2060, 9000])).toContain(
      `7 extended: 7 ${noRoom} 1 sector`,
    );
  });
});

/** Something that breaks a partition's line: the entry after it, and what must be found there. */
interface Fault {
  code: ProblemCode;
  applies(entry: Entry, table: Table): boolean;
  edit(line: string, entry: Entry, table: Table): string;
}

const start = /start= *\d+/;
const size = /size= *\d+/;
const always = () => true;
const sectors = ({ size: bytes, sectorSize }: Table) => bytes / sectorSize;

const faults: Fault[] = [
  { code: 'field', applies: always, edit: (line) => line.replace(size, 'size=0') },
  { code: 'field', applies: always, edit: (line) => line.replace(start, 'begin=2048') },
  { code: 'type', applies: always, edit: (line) => line.replace(/type=[^,]*/, 'type=linux') },
  { code: 'bounds', applies: always, edit: (line) => line.replace(start, 'start=1').replace(size, 'size=99999999999') },
  {
    code: 'bounds',
    applies: ({ number }) => number < 5,
    edit: (line, entry, table) => line.replace(size, `size=${sectors(table) - entry.start + 1}`),
  },
  {
    code: 'guid',
    applies: (_, { label }) => label === 'gpt',
    edit: (line) => line.replace(/uuid=./, 'uuid=G'),
  },
  {
    code: 'number',
    applies: ({ number }, { label, text }) => label === 'gpt' && number < 100 && !text.includes('table-length'),
    edit: (line, { number }) => line.replace(`${number} : `, `${number + 128} : `).replace(/\d(\d{3} : )/, '$1'),
  },
  {
    code: 'extended',
    applies: ({ number }, { label }) => label === 'dos' && number >= 5,
    edit: (line) => line.replace(start, 'start=1'),
  },
];

describe('a fault in a sound table [C1]', () => {
  it('is found, on its line', () => {
    const seen = new Set<Fault>();
    fc.assert(
      fc.property(tables, fc.nat(9), fc.constantFrom(...faults), (table, which, fault) => {
        const entry = table.partitions[which % Math.max(1, table.partitions.length)];
        fc.pre(entry !== undefined && fault.applies(entry, table));
        const lines = table.text.split('\n');
        const at = lines.findIndex((line) => line.includes(` start=${String(entry.start).padStart(12)},`));
        lines[at] = fault.edit(lines[at] ?? '', entry, table);
        const disk = { size: table.size, sectorSize: table.sectorSize };
        const found = validateDump(parseDump(lines.join('\n')), disk);
        expect(found).toContainEqual(expect.objectContaining({ line: at + 1, severity: 'error', code: fault.code }));
        seen.add(fault);
      }),
      { numRuns: 1000 },
    );
    expect(seen.size).toBe(faults.length);
  });

  it('two partitions on one place, or with one number', () => {
    const two = tables.filter(({ partitions }) => partitions.filter(({ type }) => type !== 'f').length >= 2);
    fc.assert(
      fc.property(two, fc.boolean(), ({ text, partitions, size: bytes, sectorSize }, twice) => {
        const [one, other] = partitions.filter(({ type }) => type !== 'f').toSorted((a, b) => b.start - a.start);
        if (!one || !other) throw new Error('too few');
        const lines = text.split('\n');
        const lineOf = (entry: Entry) =>
          lines.findIndex((line) => line.includes(`start=${String(entry.start).padStart(12)},`));
        const [low, high] = [lineOf(other), lineOf(one)];
        lines[high] = twice
          ? (lines[high] ?? '').replace(/\d+ : /, `${other.number} : `)
          : (lines[high] ?? '').replace(start, `start=${other.start + other.size - 1}`);
        const found = validateDump(parseDump(lines.join('\n')), { size: bytes, sectorSize });
        const codes = found.filter(({ severity }) => severity === 'error').map(({ line, code }) => `${line} ${code}`);
        if (twice) expect(codes).toContain(`${Math.max(low, high) + 1} duplicate`);
        else expect(codes.some((code) => /overlap|extended/.test(code))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
