import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  DumpSyntaxError,
  headerOf,
  labelOf,
  parseDump,
  partitionsOf,
  printDump,
  setHeader,
  validateDump,
} from '../src/index.ts';
import { fixture, fixtures } from './fixtures.ts';
import { Disks } from './sfdisk.ts';
import { tables } from './tables.ts';
import { wildTables } from './wild-tables.ts';

const disks = new Disks();
afterAll(() => disks.remove());

function errorsOf(text: string, size: number, sectorSize: number): string[] {
  return validateDump(parseDump(text), { size, sectorSize })
    .filter(({ severity }) => severity === 'error')
    .map(({ line, message }) => `${line}: ${message}`);
}

/** What two dumps of one table have in common, whatever their spelling and their disk's name. */
function tableIn(text: string, headers: readonly string[]): unknown {
  const dump = parseDump(text);
  const gpt = labelOf(dump) === 'gpt';
  const partitions = partitionsOf(dump).map(({ line, device, type, uuid, name, attributes, ...rest }) => ({
    ...rest,
    type: gpt ? type?.toUpperCase() : Number.parseInt(type ?? '', 16),
    ...(gpt
      ? { uuid: uuid?.toUpperCase(), name: name || null, bits: attributes.join(' ').replaceAll('GUID:', '') }
      : {}),
  }));
  return {
    label: labelOf(dump),
    id: headerOf(dump, 'label-id')?.toLowerCase().replace(/^0x0*/, ''),
    // Numbers that sfdisk would have chosen itself are not in what it prints.
    headers: headers.map((name) => Number(headerOf(dump, name) ?? (name === 'table-length' ? 128 : Number.NaN))),
    partitions: partitions.toSorted((one, other) => one.number - other.number),
  };
}

describe('sfdisk writes what is parsed and printed [C1]', () => {
  it.each(fixtures.filter(({ name }) => !/util-linux/.test(name)))('$name', ({ text, size, sectorSize }) => {
    expect(disks.roundTrip(text, size, sectorSize)).toEqual({ accepted: true, said: '', dump: text });
  });

  it('any sound table, on disks with sectors of 512 and of 4096 bytes', () => {
    fc.assert(
      fc.property(tables, ({ text, size, sectorSize }) => {
        expect(errorsOf(text, size, sectorSize)).toEqual([]);
        const { said, dump } = disks.roundTrip(text, size, sectorSize);
        expect({ said, dump }).toEqual({ said: '', dump: text });
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['mbr-util-linux-2.25', 'label-id: 0x8f3e2a91', 'mbr-debian'],
    ['gpt-util-linux-2.29', '', ''],
  ])('the old dump %s', (name, header, same) => {
    const { text, size } = fixture(name);
    const [key = '', value = ''] = header.split(': ');
    const dump = header === '' ? parseDump(text) : setHeader(setHeader(parseDump(text), 'label', 'dos'), key, value);
    const written = disks.write(printDump(dump), size);
    expect(written.accepted).toBe(true);
    expect(tableIn(written.dump, [])).toEqual(tableIn(same === '' ? text : fixture(same).text, []));
  });

  it('and reads no dump with quotes inside of quotes: the validator says so', () => {
    const { text, size } = fixture('gpt-util-linux-2.26');
    expect(errorsOf(text, size, 512)).toHaveLength(1);
    expect(disks.write(text, size)).toMatchObject({ accepted: false, said: 'line 6: unsupported command' });
  });

  it('but drops names beyond the basic plane, of which the validator warns', () => {
    const { text, size } = fixture('gpt-by-id');
    const withName = `${text.trimEnd()}, name="\\xf0\\x9f\\x98\\x80"\n`;
    expect(validateDump(parseDump(withName))).toMatchObject([{ severity: 'warning', code: 'field' }]);
    expect(disks.roundTrip(withName, size).dump).toBe(text);
  });
});

describe('what the validator lets pass, sfdisk writes as it stands; what sfdisk refuses, it names [C1]', () => {
  it('tables with partitions anywhere', () => {
    const count = { sound: 0, refused: 0 };
    fc.assert(
      fc.property(wildTables, ({ text, size }) => {
        const errors = errorsOf(text, size, 512);
        const { accepted, said, dump } = disks.write(text, size);
        if (!accepted) {
          count.refused += 1;
          expect(errors, `sfdisk said: ${said}`).not.toEqual([]);
        }
        if (errors.length > 0) return;
        count.sound += 1;
        const headers = ['first-lba', 'last-lba', 'table-length'].filter((name) => text.includes(`${name}: `));
        expect(tableIn(dump, headers)).toEqual(tableIn(text, headers));
      }),
      { numRuns: 120 },
    );
    expect(count.sound).toBeGreaterThan(3);
    expect(count.refused).toBeGreaterThan(3);
  });

  const letters = fc.constantFrom(...',;"=: x09\\-+.aLG/#\t\n', '');
  const slips = fc.record({ at: fc.noBias(fc.nat(9999)), removed: fc.nat(2), added: letters });

  it('dumps with a slip of the pen', () => {
    const count = { sound: 0, refused: 0 };
    const sources = ['gpt-names', 'gpt-mmc-table-length', 'mbr-debian', 'mbr-dual-boot'].map(fixture);
    fc.assert(
      fc.property(fc.constantFrom(...sources), slips, ({ text, size }, { at, removed, added }) => {
        const place = Math.floor((at / 10_000) * text.length);
        const slipped = text.slice(0, place) + added + text.slice(place + removed);
        let problems: ReturnType<typeof validateDump>;
        try {
          problems = validateDump(parseDump(slipped), { size, sectorSize: 512 });
        } catch (error) {
          if (error instanceof DumpSyntaxError) return;
          throw error;
        }
        const { accepted, said, dump } = disks.write(slipped, size);
        if (!accepted) {
          count.refused += 1;
          expect(problems, `sfdisk said: ${said}`).toContainEqual(expect.objectContaining({ severity: 'error' }));
          const line = Number(/^line (\d+): unsupported/.exec(said)?.[1] ?? 0);
          if (line > 0)
            expect(problems.filter(({ severity }) => severity === 'error')[0]?.line).toBeLessThanOrEqual(line);
        }
        if (problems.some(({ severity }) => severity === 'error')) return;
        count.sound += 1;
        if (problems.some(({ message }) => /makes one up|ignores the header|cannot write its name/.test(message)))
          return;
        const headers = ['first-lba', 'last-lba', 'table-length'].filter(
          (name) => headerOf(parseDump(slipped), name) !== null,
        );
        expect(tableIn(dump, headers)).toEqual(tableIn(slipped, headers));
      }),
      { numRuns: 120 },
    );
    expect(count.sound).toBeGreaterThan(3);
    expect(count.refused).toBeGreaterThan(3);
  });
});
