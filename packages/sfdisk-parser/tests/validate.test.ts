import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Disk, parseDump, validateDump } from '../src/index.ts';
import { fixture, fixtures } from './fixtures.ts';
import { tables } from './tables.ts';

/** 'line severity code: message' */
function problems(text: string, disk: Disk = {}): string[] {
  return validateDump(parseDump(text), disk).map(
    ({ line, severity, code, message }) => `${line} ${severity} ${code}: ${message}`,
  );
}

function errors(text: string, disk: Disk = {}): string[] {
  return problems(text, disk).filter((problem) => problem.split(' ')[1] === 'error');
}

describe('tables of real disks [C1]', () => {
  const unusual: Record<string, string[]> = {
    'gpt-by-id': [],
    'gpt-nvme': ['13 warning order: /dev/nvme0n1p5 lies before /dev/nvme0n1p4 on the disk'],
    'gpt-tiny': ['10 warning alignment: /dev/sdc1 begins at no multiple of 4096 bytes'],
    'gpt-util-linux-2.26': ['6 error field: /dev/sda1: sfdisk cannot read name="the "EFI" part, of course"'],
    'mbr-by-path': ['7 error number: /dev/disk/by-path/pci-0000:00:1f.2-ata-1-part1: sfdisk reads no name with : or ='],
    'mbr-cylinders': [
      '7 warning alignment: /dev/hda1 begins at no multiple of 4096 bytes',
      '8 warning alignment: /dev/hda2 begins at no multiple of 4096 bytes',
      '10 warning alignment: /dev/hda5 begins at no multiple of 4096 bytes',
      '11 warning alignment: /dev/hda6 begins at no multiple of 4096 bytes',
    ],
    'mbr-util-linux-2.25': ['0 warning label: no label header: sfdisk keeps the kind of table that a disk has'],
  };

  it.each(fixtures)('$name', ({ name, text, size, sectorSize }) => {
    expect(problems(text, { size, sectorSize })).toEqual(unusual[name] ?? []);
    expect(problems(text)).toEqual(unusual[name] ?? []);
  });

  it('have no errors, whatever they hold', () => {
    fc.assert(
      fc.property(tables, ({ text, size, sectorSize }) => {
        expect(errors(text, { size, sectorSize })).toEqual([]);
        expect(errors(text)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('on a disk that is a sector too short', () => {
    const { text, size } = fixture('gpt-nvme');
    expect(problems(text, { size: size - 512, sectorSize: 512 })[0]).toBe(
      '6 error bounds: last-lba is 1000215182, a table of 128 entries leaves 34 to 1000215181',
    );
    const dos = fixture('mbr-debian');
    expect(errors(dos.text, { size: 41940992 * 512, sectorSize: 512 })).toEqual([]);
    expect(errors(dos.text, { size: 41940991 * 512, sectorSize: 512 })).toEqual([
      '8 error bounds: /dev/sda2 ends at sector 41940991, the disk at 41940990',
      '10 error bounds: /dev/sda6 ends at sector 41940991, the disk at 41940990',
    ]);
  });

  it('counted in sectors of another size than the disk has', () => {
    const { text, size } = fixture('gpt-4096');
    expect(errors(text, { size, sectorSize: 512 })).toEqual([
      '7 error sector-size: the table counts sectors of 4096 bytes, the disk has 512',
    ]);
    // Dumps from before util-linux 2.35 do not say: the disk does.
    expect(errors(text.replace('sector-size: 4096\n', ''), { size, sectorSize: 4096 })).toEqual([]);
    expect(errors(text.replace('sector-size: 4096\n', ''), { size: size / 8, sectorSize: 512 })).toHaveLength(1);
  });
});

const dosHead = 'label: dos\nlabel-id: 0x12345678\n';
const gptHead = 'label: gpt\nlabel-id: 6F9BF0D5-D526-F04B-B31F-F93E34A80464\nfirst-lba: 34\n';
const linux = 'type=0FC63DAF-8483-4772-8E79-3D69D8477DE4';
const uuid = 'uuid=C2CE73FA-82E8-F240-AF4F-27282BD6C401';

describe('headers', () => {
  it.each([
    ['', '0 error label: no label header'],
    ['unit: sectors\n', '0 error label: no label header'],
    ['label: foo\n', '1 error label: sfdisk does not write tables of type foo'],
    ['label: sun\n\n1 : start=0, size=9\n3 : start=0, size=9\n', '1 warning label: tables of type sun are not checked'],
    ['label: dos\n', '0 warning label-id: no label-id header: sfdisk makes one up'],
    ['label: dos\nlabel-id: 0xg\n', '2 error label-id: 0xg is no MBR signature (0x and 8 hexadecimal digits)'],
    ['label: gpt\nlabel-id: 0x1\n', '2 error label-id: 0x1 is no GUID'],
    [`${dosHead}label-id: 0x1\n`, '3 error header: label-id stands there twice'],
    [`${dosHead}colour: red\n`, '3 warning header: sfdisk ignores the header colour'],
    [`${dosHead}unit: cylinders\n`, '3 error header: sfdisk does not know the unit cylinders'],
    [`${dosHead}sector-size: 520\n`, '3 error sector-size: sectors of 520 bytes do not exist'],
    [`${dosHead}sector-size: 0\n`, '3 error sector-size: sectors of 0 bytes do not exist'],
    [`${dosHead}grain: 1MiB\n`, '3 error header: grain is not a number: 1MiB'],
    [`${dosHead}grain: 100\n`, '3 error header: grain is no multiple of 512 bytes: 100'],
    [`${dosHead}device:\n`, '3 error header: device has no value'],
    [`${dosHead}device: /dev/a=b\n`, '3 error header: sfdisk takes a line with = for a partition: /dev/a=b'],
    [
      `${dosHead}1 : start=8, size=1, type=83\nunit: sectors\n`,
      '4 error header: unit stands after the first partition',
    ],
    [`${gptHead}table-length: 0\n`, '4 error header: a table of 0 entries cannot be made'],
    [`${gptHead}last-lba: 33\n`, '4 error bounds: last-lba 33 is before first-lba 34'],
    [
      'label: gpt\nlabel-id: 6F9BF0D5-D526-F04B-B31F-F93E34A80464\nfirst-lba: 33\n',
      '3 error bounds: first-lba is 33, a table of 128 entries leaves 34 and more',
    ],
  ])('%j', (text, problem) => {
    expect(problems(text)).toContain(problem);
    expect(problems(text).filter((other) => other !== problem && other.includes(' error '))).toHaveLength(
      text.includes('last-lba') ? 1 : 0,
    );
  });
});

describe('lines of partitions', () => {
  it.each([
    ['size=1, type=83', 'field: 1 has no start in sectors'],
    ['start=08, size=1, type=83', 'field: 1 has no start in sectors'],
    ['start=8, size=1MiB, type=83', 'field: 1 has no size in sectors'],
    ['start=8, size=0, type=83', 'field: 1 is empty'],
    ['start=8, size=1', 'field: 1 has no type'],
    ['start=8, size=1, type=zz', 'type: 1: zz is no MBR type'],
    ['start=8, size=1, type=183', 'type: 1: 183 is no MBR type'],
    ['start=8, size=1, type=83, colour=red', 'field: 1: sfdisk does not know the field colour'],
    ['start=8, size=1, type=83, bootable=1', 'field: 1: sfdisk cannot read bootable=1'],
    ['start=8, size=1, type=83, size=1', 'field: 1: size stands there twice'],
    ['start=8, size=1, type=83, Id=83', 'field: 1: type stands there twice'],
    ['start=0, size=1, type=83', 'bounds: 1 begins on the MBR itself'],
    ['start=4294967295, size=2, type=83', 'bounds: 1 ends at sector 4294967296, what an MBR can count at 4294967295'],
  ])('%s', (fields, problem) => {
    expect(errors(`${dosHead}\n1 : ${fields}\n`)).toEqual([`4 error ${problem}`]);
  });

  it.each([
    [`${linux}, uuid=zz`, '5 error guid: 1: zz is no GUID'],
    ['type=83', '5 error type: 1: 83 is no GUID', '5 warning guid: 1 has no uuid: sfdisk makes one up'],
    [`type=00000000-0000-0000-0000-000000000000, ${uuid}`, '5 warning type: 1 has the type of a free entry'],
    [`${linux}, ${uuid}, bootable`, '5 error field: 1: a GPT has attributes, not bootable'],
    [`${linux}, ${uuid}, attrs="GUID:47"`, '5 error field: 1: sfdisk ignores attribute GUID:47'],
    [`${linux}, ${uuid}, attrs="Hidden"`, '5 error field: 1: sfdisk ignores attribute Hidden'],
    [`${linux}, ${uuid}, attrs="GUID:48,63 RequiredPartition"`],
    [`${linux}, ${uuid}, name="${'é'.repeat(36)}"`],
    [`${linux}, ${uuid}, name="${'é'.repeat(37)}"`, '5 error field: 1: its name is longer than 36 characters'],
    [
      `${linux}, ${uuid}, name="\\xf0\\x9f\\x98\\x80"`,
      '5 warning field: 1: sfdisk cannot write its name, and leaves it empty',
    ],
  ])('%s', (fields, ...found) => {
    expect(problems(`${gptHead}\n1 : start=40, size=8, ${fields}\n`)).toEqual(found);
  });

  it('names that sfdisk reads otherwise', () => {
    const text = `${dosHead}device: /dev/mapper/mpath1\n/dev/mapper/mpath12 : start=8, size=1, type=83\n`;
    expect(errors(text)).toEqual(['4 error number: /dev/mapper/mpath12 is partition 2, sfdisk reads 12']);
  });

  it('fields that an MBR does not keep', () => {
    expect(problems(`${dosHead}\n1 : start=8, size=1, type=83, attrs="80", bootable\n`)).toEqual([
      '4 warning field: 1: an MBR keeps no uuid, name or attributes',
    ]);
  });

  it('a partition in the room of a GPT', () => {
    const text = `${gptHead.replace('first-lba: 34\n', '')}\n1 : start=40, size=100, ${linux}, ${uuid}\n`;
    // Without the header sfdisk begins at 1 MiB, on small disks right behind the table.
    expect(errors(text)).toEqual(['4 error bounds: 1 begins at sector 40, the usable area at 2048']);
    expect(errors(text, { size: 4 * 2 ** 20 })).toEqual([]);
    expect(errors(text, { size: 173 * 512 })).toEqual([]);
    expect(errors(text, { size: 172 * 512 })).toEqual(['4 error bounds: 1 ends at sector 139, the usable area at 138']);
    expect(errors(text, { size: 60 * 512 })[0]).toBe('1 error bounds: the disk has no room for a table of 128 entries');
  });

  it('two partitions with one GUID', () => {
    const lines = `1 : start=40, size=8, ${linux}, ${uuid}\n2 : start=48, size=8, ${linux}, ${uuid.toLowerCase()}\n`;
    expect(problems(`${gptHead}\n${lines}`)).toEqual(['6 warning guid: 2 has the uuid of 1']);
  });
});
