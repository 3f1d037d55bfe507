import { describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../common/errors/error.ts';
import { run } from '../../../../common/run.ts';
import {
  isSystemPartition,
  partitionDevice,
  readTable,
  renderTable,
  type Table,
} from '../../../../restore/layout/table.ts';
import { withImages } from './images.ts';

const size = 6 * 2 ** 30;
const mbr = `label: dos
label-id: 0x0badb002
device: /dev/sda
unit: sectors
sector-size: 512

/dev/sda1 : start=        2048, size=     1048574, type=ef, bootable
/dev/sda2 : start=     1050622, size=    11532290, type=5
/dev/sda5 : start=     1050624, size=     2097152, type=82
/dev/sda6 : start=     3149824, size=     9433088, type=83
`;
const gpt = `label: gpt
label-id: 6B2F1C3A-0D1E-4F2A-9B3C-4D5E6F708192
device: /dev/nvme0n1
unit: sectors
first-lba: 40
last-lba: 12582860
table-length: 140
sector-size: 512

/dev/nvme0n1p1 : start=        2048, size=     1048576, type=c12a7328-f81f-11d2-ba4b-00a0c93ec93b, uuid=0A1B2C3D-4E5F-4071-8293-A4B5C6D7E8F9, name="a, type=83, size=7 \\x22b\\x22"
/dev/nvme0n1p130 : start=     3147776, size=     9433088, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=2A1B2C3D-4E5F-4071-8293-A4B5C6D7E8F9, attrs="GUID:59"
`;

function refusal(text: string, bytes = size, sectorBytes = 512): string {
  try {
    readTable(text, bytes, sectorBytes);
  } catch (error) {
    if (error instanceof RekindleError && error.code === 'RK408') return error.reason;
    throw error;
  }
  return '';
}

describe('a saved table [C1]', () => {
  it('of an MBR: partitions, frame, PARTUUIDs', () => {
    const table = readTable(mbr, size, 512);
    expect(table).toMatchObject({ label: 'dos', sectorBytes: 512, tableLength: 128, text: mbr });
    expect(table.partitions).toEqual([
      { number: 1, device: '/dev/sda1', start: 2048, sectors: 1048574, type: 'EF', id: '0badb002-01', extended: false },
      {
        number: 2,
        device: '/dev/sda2',
        start: 1050622,
        sectors: 11532290,
        type: '5',
        id: '0badb002-02',
        extended: true,
      },
      {
        number: 5,
        device: '/dev/sda5',
        start: 1050624,
        sectors: 2097152,
        type: '82',
        id: '0badb002-05',
        extended: false,
      },
      {
        number: 6,
        device: '/dev/sda6',
        start: 3149824,
        sectors: 9433088,
        type: '83',
        id: '0badb002-06',
        extended: false,
      },
    ]);
    expect(table.partitions.map(isSystemPartition)).toEqual([true, false, false, false]);
  });

  it('of a GPT: a name that looks like fields misleads nobody', () => {
    const table = readTable(gpt, size, 512);
    expect(table).toMatchObject({ label: 'gpt', tableLength: 140 });
    expect(table.partitions).toMatchObject([
      { number: 1, sectors: 1048576, type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B' },
      { number: 130, device: '/dev/nvme0n1p130', id: '2a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9' },
    ]);
    expect(table.partitions.map(isSystemPartition)).toEqual([true, false]);
  });

  it('of a disk with sectors of 4096 bytes, from an sfdisk that does not say so', () => {
    const large =
      'label: dos\nlabel-id: 0x00000001\ndevice: /dev/sda\n\n/dev/sda1 : start=256, size=1572608, type=83\n';
    expect(readTable(large, size, 4096)).toMatchObject({ sectorBytes: 4096, partitions: [{ sectors: 1572608 }] });
    expect(refusal(large.replace('1572608', '1572609'), size, 4096)).toMatch(/^line 5: /);
  });

  it('goes to another disk with all but its names', () => {
    const table = readTable(mbr, size, 512);
    expect(renderTable(table, '/dev/sda', { wholeDisk: false })).toBe(mbr);
    expect(renderTable(table, '/dev/vda', { wholeDisk: true })).toBe(mbr.replaceAll('/dev/sda', '/dev/vda'));
    expect(renderTable(table, '/dev/mmcblk0', { wholeDisk: false })).toContain(
      '\n/dev/mmcblk0p5 : start=     1050624,',
    );
    const moved = gpt.replaceAll('/dev/nvme0n1p', '/dev/sdb').replaceAll('/dev/nvme0n1', '/dev/sdb');
    expect(renderTable(readTable(gpt, size, 512), '/dev/sdb', { wholeDisk: false })).toBe(moved);
    expect(partitionDevice('/dev/nvme0n1', 5)).toBe('/dev/nvme0n1p5');
  });

  it('lets a GPT use all of a disk of another size', () => {
    const table = readTable(gpt, size, 512);
    const whole = renderTable(table, '/dev/nvme0n1', { wholeDisk: true });
    expect(whole).toBe(gpt.replace('last-lba: 12582860\n', ''));
  });

  it('is taken by sfdisk as it is rendered', async () => {
    await withImages([size, size, size + 2 ** 30], async (...images) => {
      const written = async (table: Table, index: number, wholeDisk: boolean): Promise<string> => {
        const image = images[index] ?? '';
        await run(['sfdisk', '--quiet', image], { input: renderTable(table, image, { wholeDisk }) });
        return (await run(['sfdisk', '-d', image])).stdout;
      };
      const expected = (text: string, index: number) =>
        renderTable(readTable(text, size, 512), images[index] ?? '', { wholeDisk: false });
      expect(await written(readTable(mbr, size, 512), 0, false)).toBe(expected(mbr, 0));
      const table = readTable(gpt, size, 512);
      const upper = gpt.replace(/type=c[^,]*/, (type) => `type=${type.slice(5).toUpperCase()}`);
      expect(await written(table, 1, false)).toBe(expected(upper, 1));
      const last = (size + 2 ** 30) / 512 - 2 - Math.ceil((140 * 128) / 512);
      expect(await written(table, 2, true)).toBe(expected(upper, 2).replace('12582860', String(last)));
    });
  });
});

describe('a table that could not be written is refused before a disk is wiped [C1]', () => {
  it.each([
    ['', 'table of type none'],
    ['label: sun\n', 'table of type sun'],
    ['hello', 'line 1: neither a header nor a partition: "hello"'],
    [
      mbr.replace('size=     9433088', 'size=    95232640'),
      /^line 10: \/dev\/sda6 ends at sector \d+, the disk at 12582911/,
    ],
    [
      mbr.replace('size=     1048574', 'size=     1048575').replace('start=        2048', 'start=        4096'),
      /^line 8: .*inside of \/dev\/sda1/,
    ],
    [
      mbr.replace('/dev/sda6', '/dev/sda5'),
      'line 10: partition 5 stands in line 9 already; line 10: /dev/sda5 becomes partition 6',
    ],
    [mbr.replace('start=     3149824', 'start=     3147776'), /^line 10: \/dev\/sda6 leaves no room/],
    [
      mbr.replace('sector-size: 512', 'sector-size: 4096'),
      /^line 5: the table counts sectors of 4096 bytes, the disk has 512/,
    ],
    [gpt.replace('uuid=0A1B2C3D', 'uuid=nonsense'), /^line 10: \/dev\/nvme0n1p1: nonsense.* is no GUID$/],
    [gpt.replace('last-lba: 12582860', 'last-lba: 12582890'), /^line 6: last-lba is 12582890/],
    [gpt.replace('table-length: 140', 'table-length: 129'), 'line 11: /dev/nvme0n1p130: the table has room for 129'],
  ])('%#', (text, reason) => {
    if (typeof reason === 'string') expect(refusal(text)).toBe(reason);
    else expect(refusal(text)).toMatch(reason);
  });

  it('names every line', () => {
    const text = mbr.replace('type=82', 'type=zz').replace('type=83', 'type=yy');
    expect(refusal(text)).toBe('line 9: /dev/sda5: zz is no MBR type; line 10: /dev/sda6: yy is no MBR type');
  });

  it('but odd tables pass: real disks have them', () => {
    const odd = [
      // Sector 63, as once usual.
      mbr.replace('start=        2048', 'start=          63'),
      // Numbers out of the disk's order, one GUID twice, no uuid, a header of a later sfdisk.
      gpt.replace('2A1B2C3D', '0A1B2C3D').replace('table-length: 140', 'table-length: 140\ncolour: red'),
      gpt.replace(/start= +2048/, 'start=    12580864').replace('size=     1048576', 'size=         100'),
      gpt.replace(/, uuid=0A[^,]*/, ''),
    ];
    for (const text of odd) expect(refusal(text)).toBe('');
  });
});
