import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DumpSyntaxError, headerOf, labelOf, parseDump, partitionsOf, printDump, sectorSizeOf } from '../src/index.ts';
import { fixture, fixtures } from './fixtures.ts';
import { tables } from './tables.ts';

describe('a dump is printed as it was read [C1]', () => {
  it.each(fixtures)('$name', ({ text }) => {
    expect(printDump(parseDump(text))).toBe(text);
  });

  it('any table, with what its lines say', () => {
    fc.assert(
      fc.property(tables, ({ text, label, sectorSize, partitions }) => {
        const dump = parseDump(text);
        expect(printDump(dump)).toBe(text);
        expect(labelOf(dump)).toBe(label);
        expect(sectorSizeOf(dump)).toBe(sectorSize);
        const read = partitionsOf(dump).map(({ line, device, ...partition }) => {
          expect(text.split('\n')[line - 1]?.startsWith(`${device} : `)).toBe(true);
          return partition;
        });
        expect(read).toEqual(
          partitions.map(({ attributes = '', uuid = null, name = null, bootable = false, ...entry }) => ({
            ...entry,
            uuid,
            name,
            bootable,
            attributes: attributes.split(' ').filter((word) => word !== ''),
          })),
        );
      }),
    );
  });

  it('whatever text it accepts', () => {
    const pieces = fc.constantFrom(
      ...[
        'label: dos',
        '\n',
        '\r\n',
        '# x',
        '/dev/sda1',
        ' : ',
        ':',
        'start=',
        ' 2048',
        ',',
        '"',
        'name="a, b"',
        'bootable',
      ],
      ...['size=1', 'x', ' ', '\t', ';', '\\x41', 'é', '\u2028'],
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        try {
          expect(printDump(parseDump(text))).toBe(text);
          accepted += 1;
        } catch (error) {
          if (!(error instanceof DumpSyntaxError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});

describe('what the lines say', () => {
  it('names with quotes, commas, spaces, shell characters, controls and letters of any script [C1]', () => {
    const names = partitionsOf(parseDump(fixture('gpt-names').text)).map(({ name }) => name);
    expect(names).toEqual([
      'a "quoted", comma, start=5',
      'Größe 日本語 é',
      '  \\ `shell` $HOME  ',
      '012345678901234567890123456789012345',
      'bell\u0007 tab\t line\n : #',
    ]);
  });

  it('names that util-linux 2.26 did not escape', () => {
    const names = partitionsOf(parseDump(fixture('gpt-util-linux-2.26').text)).map(({ name }) => name);
    expect(names).toEqual(['the "EFI" part, of course', 'Größe']);
  });

  it('attributes, types and GUIDs of a GPT', () => {
    expect(partitionsOf(parseDump(fixture('gpt-nvme').text))[3]).toEqual({
      line: 12,
      device: '/dev/nvme0n1p4',
      number: 4,
      start: 999178240,
      size: 1036288,
      type: 'DE94BBA4-06D1-4D40-A16A-BFD50179D6AC',
      uuid: '4D6A4C8E-6B2F-4E1E-9B0A-7D1F3C5A9E04',
      name: null,
      attributes: ['RequiredPartition', 'GUID:63'],
      bootable: false,
    });
  });

  it('dumps of util-linux 2.25: no label, Id=, free entries', () => {
    const dump = parseDump(fixture('mbr-util-linux-2.25').text);
    expect([labelOf(dump), sectorSizeOf(dump), headerOf(dump, 'label-id')]).toEqual(['dos', 512, null]);
    expect(
      partitionsOf(dump).map(({ line, number, start, type, bootable }) => [line, number, start, type, bootable]),
    ).toEqual([
      [4, 1, 2048, '83', true],
      [5, 2, 501758, '5', false],
      [8, 5, 501760, '8e', false],
      [9, 6, 40341504, '82', false],
    ]);
  });

  it('numbers as sfdisk reads them, and the last of two headers or fields', () => {
    const dump = parseDump(
      'label: DOS\nlabel: gpt\n\n1 : start=0x800, size=010, size=011, Type=83\n2 : start=08, size=1MiB\n',
    );
    expect(labelOf(dump)).toBe('gpt');
    expect(partitionsOf(dump)).toMatchObject([
      { number: 1, start: 2048, size: 9, type: '83' },
      { start: null, size: null, type: null },
    ]);
  });

  it('lines that went through Windows', () => {
    const dump = parseDump(fixture('mbr-debian').text.replaceAll('\n', '\r\n'));
    expect(headerOf(dump, 'label-id')).toBe('0x8f3e2a91');
    expect(partitionsOf(dump)).toMatchObject([{ bootable: true }, { type: '5' }, { type: '8e' }, { type: '82' }]);
  });
});

describe('what is no dump', () => {
  it.each([
    ['label: dos\n\n,,L\n', 3, 'neither a header nor a partition: ",,L"'],
    ['label: dos\nstart=2048, size=1\n', 2, 'neither a header nor a partition: "start=2048, size=1"'],
    ['1 : start=2048, size=1, name="a\n', 1, 'cannot read " name=\\"a"'],
    ['1 : start = 2048\n', 1, 'neither a header nor a partition: "1 : start = 2048"'],
    ['device: /dev/sda\n/dev/sda : start=2048\n', 2, '/dev/sda does not end in the number of a partition'],
    ['/dev/sda0 : start=2048\n', 1, '/dev/sda0 does not end in the number of a partition'],
    ['/dev/sda1 : start=2048,, size=1\n', 1, 'cannot read ", size=1"'],
  ])('%j', (text, line, message) => {
    expect(() => parseDump(text)).toThrow(expect.objectContaining({ line, message: `line ${line}: ${message}` }));
    expect(() => parseDump(text)).toThrow(DumpSyntaxError);
  });
});
