import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addPartition,
  type Dump,
  headerOf,
  parseDump,
  partitionsOf,
  printDump,
  removePartition,
  renameDisk,
  setField,
  setHeader,
} from '../src/index.ts';
import { fixture } from './fixtures.ts';
import { tables } from './tables.ts';

/** Any table with partitions, and one of them. */
const chosen = tables
  .filter(({ partitions }) => partitions.length > 0)
  .chain((table) => fc.record({ table: fc.constant(table), entry: fc.constantFrom(...table.partitions) }));

/** Lines that differ, as [before, after]. */
function changes(before: string, after: Dump): (string | undefined)[][] {
  const [left, right] = [before.split('\n'), printDump(after).split('\n')];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => [left[index], right[index]]).filter(
    ([one, other]) => one !== other,
  );
}

describe('an edit keeps all else [C1]', () => {
  it('of one field: only its text changes, and setting it back gives the old text', () => {
    fc.assert(
      fc.property(chosen, fc.nat(2 ** 40), ({ table, entry }, start) => {
        const edited = setField(parseDump(table.text), entry.number, 'start', start);
        expect(partitionsOf(edited).find(({ number }) => number === entry.number)?.start).toBe(start);
        const old = `start=${String(entry.start).padStart(12)},`;
        for (const [before, after] of changes(table.text, edited))
          expect(after).toBe(before?.replace(old, () => `start=${String(start).padStart(12)},`));
        expect(printDump(setField(edited, entry.number, 'start', entry.start))).toBe(table.text);
      }),
    );
  });

  it('of any field, taken out and put back', () => {
    fc.assert(
      fc.property(chosen, ({ table, entry }) => {
        const { number } = entry;
        const values = {
          ...{ start: entry.start, size: entry.size, type: entry.type, uuid: entry.uuid, name: entry.name },
          ...{ attrs: entry.attributes || undefined, bootable: entry.bootable || undefined },
        };
        for (const name of ['start', 'size', 'type', 'uuid', 'name', 'attrs', 'bootable'] as const) {
          const value = values[name];
          if (value === undefined) continue;
          const without = setField(parseDump(table.text), number, name, null);
          expect(changes(table.text, without)).toHaveLength(1);
          expect(printDump(setField(parseDump(printDump(without)), number, name, value))).toBe(table.text);
        }
      }),
    );
  });

  it('of a partition, taken out and put back where it was', () => {
    fc.assert(
      fc.property(chosen, ({ table, entry }) => {
        const { number, attributes, ...values } = entry;
        const without = removePartition(parseDump(table.text), number);
        expect(partitionsOf(without)).toHaveLength(table.partitions.length - 1);
        const again = addPartition(without, number, {
          ...values,
          ...(attributes ? { attributes: attributes.split(' ') } : {}),
        });
        expect(printDump(again)).toBe(table.text);
      }),
    );
  });

  it('of the disk: there and back', () => {
    fc.assert(
      fc.property(tables, fc.constantFrom('/dev/sdz', '/dev/nvme9n1', '/dev/disk/by-id/x'), (table, disk) => {
        const dump = parseDump(table.text);
        const there = renameDisk(dump, disk);
        expect(headerOf(there, 'device')).toBe(disk);
        expect(partitionsOf(there).map(({ line, device, ...rest }) => rest)).toEqual(
          partitionsOf(dump).map(({ line, device, ...rest }) => rest),
        );
        expect(printDump(renameDisk(parseDump(printDump(there)), headerOf(dump, 'device') ?? ''))).toBe(table.text);
      }),
    );
  });

  it('of a header, changed and changed back, added and taken out', () => {
    fc.assert(
      fc.property(tables, ({ text }) => {
        const dump = parseDump(text);
        const changed = setHeader(dump, 'label-id', '0x1edited');
        expect(changes(text, changed).map(([, after]) => after)).toEqual(['label-id: 0x1edited']);
        expect(printDump(setHeader(changed, 'label-id', headerOf(dump, 'label-id')))).toBe(text);
        const added = setHeader(dump, 'grain', 4096);
        expect(headerOf(added, 'grain')).toBe('4096');
        expect(printDump(setHeader(added, 'grain', null))).toBe(text);
      }),
    );
  });
});

describe('an edit', () => {
  it('writes old dumps their own way', () => {
    const dump = parseDump(fixture('mbr-util-linux-2.25').text);
    expect(changes(printDump(dump), setField(dump, 5, 'type', '83'))).toEqual([
      ['/dev/sda5 : start=   501760, size= 39837696, Id=8e', '/dev/sda5 : start=   501760, size= 39837696, Id=83'],
    ]);
    const named = printDump(setHeader(renameDisk(dump, '/dev/nvme0n1'), 'label', 'dos'));
    expect(named.split('\n').slice(0, 6)).toEqual([
      '# partition table of /dev/sda',
      'unit: sectors',
      'device: /dev/nvme0n1',
      'label: dos',
      '',
      '/dev/nvme0n1p1 : start=     2048, size=   497664, Id=83, bootable',
    ]);
  });

  it('fills an empty table', () => {
    const { text } = fixture('mbr-empty');
    const line = '/dev/vda1 : start=        2048, size=        4096, type=83, bootable';
    const full = addPartition(parseDump(text), 1, { start: 2048, size: 4096, type: '83', bootable: true });
    expect(printDump(full)).toBe(`${text}\n${line}\n`);
    expect(
      printDump(addPartition(removePartition(full, 1), 1, { start: 2048, size: 4096, type: '83', bootable: true })),
    ).toBe(`${text}\n${line}\n`);
    expect(printDump(addPartition(parseDump(''), 3, { start: 1, size: 1, type: '83' }))).toBe(
      `3 : start=           1, size=           1, type=83\n`,
    );
  });

  it('keeps the ends of lines that went through Windows', () => {
    const text = fixture('mbr-debian').text.replaceAll('\n', '\r\n');
    const edited = [
      setField(parseDump(text), 6, 'bootable', true),
      setHeader(parseDump(text), 'label-id', '0x1'),
      setHeader(parseDump(text), 'grain', 512),
      addPartition(parseDump(text), 7, { start: 1, size: 1, type: '83' }),
      renameDisk(parseDump(text), '/dev/vda'),
    ];
    for (const dump of edited) expect(printDump(dump).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('refuses what cannot stand in a dump, and partitions that are not there', () => {
    const dump = parseDump(fixture('mbr-debian').text);
    const refused = [
      () => setField(dump, 1, 'start', -1),
      () => setField(dump, 1, 'size', 1.5),
      () => setField(dump, 1, 'type', '83, bootable'),
      () => setField(dump, 1, 'uuid', 'a b'),
      () => setField(dump, 1, 'type', ''),
      () => setField(dump, 3, 'type', '83'),
      () => removePartition(dump, 3),
      () => addPartition(dump, 5, { start: 1, size: 1, type: '83' }),
      () => addPartition(dump, 0, { start: 1, size: 1, type: '83' }),
      () => setHeader(dump, 'label', 'dos\nlabel-id: 0x0'),
      () => setHeader(dump, 'label', ''),
      () => renameDisk(dump, '/dev/a=b'),
    ];
    for (const action of refused) expect(action).toThrow(RangeError);
  });
});
