import fc from 'fast-check';
import { type Entry, renderTable } from './tables.ts';

/** Sizes and gaps around the limits that sfdisk has, small enough to collide. */
const gaps = fc.constantFrom(0, 0, 1, 2, 62, 2046, 2047, 2048, 2048, 2049, 2050, 4096, 6000, -1);
const sizes = fc.constantFrom(1, 2, 100, 2047, 2048, 2049, 4096, 8192);
const range = fc.record({ gap: gaps, size: sizes });
const orders = fc.array(fc.nat(100), { minLength: 8, maxLength: 8 });

/** A table that may or may not be sound. */
export interface WildTable {
  text: string;
  /** Bytes of the disk; its sectors have 512. */
  size: number;
}

function shuffled<T>(items: readonly T[], order: readonly number[] | null): T[] {
  if (order === null) return [...items];
  return items.toSorted((one, other) => (order[items.indexOf(one)] ?? 0) - (order[items.indexOf(other)] ?? 0));
}

function place(ranges: readonly { gap: number; size: number }[], from: number): { start: number; size: number }[] {
  let at = from;
  return ranges.map(({ gap, size }) => {
    const start = Math.max(0, at + gap);
    at = start + size;
    return { start, size };
  });
}

const mbrs = fc
  .record({
    sectors: fc.constantFrom(8191, 8192, 8193, 40960, 204800),
    base: fc.constantFrom(0, 1, 63, 2048),
    primaries: fc.array(range, { maxLength: 3 }),
    frame: fc.record({ gap: gaps, size: fc.constantFrom(1, 2, 2048, 30000, 60000) }),
    logicals: fc.array(range, { maxLength: 4 }),
    order: fc.option(orders, { freq: 2 }),
  })
  .map(({ sectors, base, primaries, frame, logicals, order }): WildTable => {
    const outer = place([...primaries, frame], base).map((entry, index) => ({
      ...entry,
      type: index === primaries.length ? '5' : '83',
    }));
    const inner = place(logicals, outer.at(-1)?.start ?? 0).map((entry) => ({ ...entry, type: '83' }));
    const entries: Entry[] = [
      ...shuffled(outer, order).map((entry, index) => ({ ...entry, number: index + 1 })),
      ...shuffled(inner, order).map((entry, index) => ({ ...entry, number: index + 5 })),
    ];
    const headers = ['label: dos', 'label-id: 0x12345678', 'unit: sectors'];
    return { text: renderTable(headers, '/dev/sda', entries), size: sectors * 512 };
  });

const gpts = fc
  .record({
    sectors: fc.constantFrom(100, 8191, 8193, 40960),
    base: fc.constantFrom(33, 34, 66, 2048, 2048),
    entries: fc.array(range, { maxLength: 4 }),
    numbers: fc.array(fc.integer({ min: 1, max: 130 }), { minLength: 4, maxLength: 4 }),
    first: fc.option(fc.constantFrom(3, 33, 34, 34, 34, 66, 66, 2048), { freq: 2 }),
    behind: fc.option(fc.constantFrom(3, 33, 34, 35, 67), { freq: 1 }),
    length: fc.option(fc.constantFrom(1, 4, 5, 127, 128, 129, 256), { freq: 2 }),
    order: fc.option(orders, { freq: 2 }),
  })
  .map(({ sectors, base, entries, numbers, first, behind, length, order }): WildTable => {
    const partitions = place(entries, base).map((entry, index): Entry => {
      const id = `6F9BF0D5-D526-F04B-B31F-F93E34A8000${index}`;
      return { ...entry, number: numbers[index] ?? 1, type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', uuid: id };
    });
    const headers = [
      ...['label: gpt', 'label-id: 6F9BF0D5-D526-F04B-B31F-F93E34A80464', 'unit: sectors'],
      ...(first === null ? [] : [`first-lba: ${first}`]),
      ...(behind === null ? [] : [`last-lba: ${sectors - behind}`]),
      ...(length === null ? [] : [`table-length: ${length}`]),
    ];
    return { text: renderTable(headers, '/dev/sda', shuffled(partitions, order)), size: sectors * 512 };
  });

export const wildTables: fc.Arbitrary<WildTable> = fc.oneof(mbrs, gpts);
