import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeName, encodeName, numberOf, parseDump, partitionDevice, partitionsOf } from '../src/index.ts';
import { fixtures } from './fixtures.ts';

describe('the node of a partition [C1]', () => {
  it.each([
    ['/dev/sda', 10, '/dev/sda10'],
    ['/dev/nvme0n1', 2, '/dev/nvme0n1p2'],
    ['/dev/mmcblk0', 1, '/dev/mmcblk0p1'],
    ['/dev/md0', 1, '/dev/md0p1'],
    ['/dev/disk/by-id/ata-X_1', 1, '/dev/disk/by-id/ata-X_1-part1'],
    ['/dev/disk/by-path/pci-0000:00:1f.2', 3, '/dev/disk/by-path/pci-0000:00:1f.2-part3'],
    ['/dev/mapper/mpatha', 1, '/dev/mapper/mpatha-part1'],
    ['/dev/ide/host0/disc', 1, '/dev/ide/host0/part1'],
    ['disk.img', 5, 'disk.img5'],
    ['', 5, '5'],
  ])('%s %i', (disk, number, node) => {
    expect(partitionDevice(disk, number)).toBe(node);
    expect(numberOf(node, disk)).toBe(number);
  });

  it('is what sfdisk printed', () => {
    for (const { text } of fixtures) {
      const dump = parseDump(text);
      const disk = /^device: (.*)$/m.exec(text)?.[1];
      if (disk === undefined) continue;
      for (const { device, number } of partitionsOf(dump)) expect(device).toBe(partitionDevice(disk, number));
    }
  });

  it('tells sda1 from sda10, and a disk that ends in a digit from its partitions', () => {
    expect(numberOf('/dev/sda10', '/dev/sda')).toBe(10);
    expect(numberOf('/dev/mapper/mpath12', '/dev/mapper/mpath1')).toBe(2);
    expect(numberOf('/dev/mapper/mpath1p2', '/dev/mapper/mpath1')).toBe(2);
    expect(numberOf('/dev/sdb7', '/dev/sda')).toBe(7);
    expect(numberOf('/dev/sda', '/dev/sda')).toBeNull();
    expect(numberOf('/dev/sda0', '/dev/sda')).toBeNull();
  });
});

describe('names between quotes', () => {
  it('are escaped as libfdisk does', () => {
    expect(encodeName('a "b" \\ `c` $d é\n~')).toBe('a \\x22b\\x22 \\x5c \\x60c\\x60 \\x24d \\xc3\\xa9\\x0a~');
  });

  const letter = fc
    .oneof(fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))
    .map((code) => String.fromCodePoint(code));

  it('come back', () => {
    fc.assert(
      fc.property(fc.string({ unit: letter, maxLength: 40 }), (name) => {
        expect(encodeName(name)).toMatch(/^[ -~]*$/);
        expect(decodeName(encodeName(name))).toBe(name);
      }),
    );
  });

  it('keep a backslash that is no escape', () => {
    expect(decodeName('C:\\new \\x4 \\xzz \\')).toBe('C:\\new \\x4 \\xzz \\');
  });
});
