import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PartitionFacts } from '../../../../../build/report/facts.ts';
import {
  roomLeft,
  type Segment,
  segmentsOf,
  sizeOf,
  smallestGapBytes,
} from '../../../../../build/report/picture/segments.ts';
import { block, dataDisk, disk, GiB, MiB, partition } from '../sample-disks.ts';

function name(segment: Segment): string {
  if (segment.kind === 'partition') return String(segment.partition.number);
  return segment.kind === 'free' ? 'free' : 'whole';
}

describe('[B16] the pieces of a disk', () => {
  it('are all there, in order, without overlap, whatever the gaps', () => {
    const pieces = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 50 * MiB }), size: fc.integer({ min: 1, max: 900 * MiB }) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(pieces, fc.integer({ min: 0, max: 50 * MiB }), (given, tail) => {
        let at = 0;
        const partitions = given.map(({ gap, size }, index): PartitionFacts => {
          const start = at + gap;
          at = start + size;
          return partition(index + 1, start, block(`sda${index + 1}`, size));
        });
        const segments = segmentsOf(disk('sda', at + tail, { partitions: partitions.toReversed() }));
        const gaps = [...given.map(({ gap }) => gap), tail];
        expect(segments.flatMap((each) => (each.kind === 'partition' ? [each.partition.number] : []))).toEqual(
          given.map((_, index) => index + 1),
        );
        expect(segments.filter(({ kind }) => kind === 'free').map(sizeOf)).toEqual(
          gaps.filter((gap) => gap >= smallestGapBytes),
        );
        const undrawn = gaps.filter((gap) => gap < smallestGapBytes).reduce((total, gap) => total + gap, 0);
        expect(segments.reduce((total, each) => total + sizeOf(each), 0)).toBe(at + tail - undrawn);
      }),
    );
  });

  it('stand in place of the extended partition that holds them', () => {
    const segments = segmentsOf(dataDisk);
    expect(segments.map(name)).toEqual(['1', '5', 'free', '6', 'free', 'free']);
    expect(segments.map((each) => (each.kind === 'whole' ? null : each.inside))).toEqual([null, 2, 2, 2, 2, null]);
  });

  it('show an empty extended partition as room', () => {
    const partitions = [partition(1, MiB, block('sda1', GiB), { extended: true })];
    expect(segmentsOf(disk('sda', GiB + MiB, { partitions })).map(name)).toEqual(['free']);
  });

  it('without a table are one: the file system on the whole disk, or nothing but room', () => {
    expect(segmentsOf(disk('sda', GiB)).map(name)).toEqual(['free']);
    expect(segmentsOf({ ...disk('sda', GiB), block: block('sda', GiB, { content: 'ext4' }) }).map(name)).toEqual([
      'whole',
    ]);
  });

  it('whose places nobody knows have no gaps between them', () => {
    const partitions = [1, 2].map((number) => ({
      ...partition(number, 0, block(`sda${number}`, MiB)),
      startBytes: null,
    }));
    expect(segmentsOf(disk('sda', GiB, { partitions })).map(name)).toEqual(['1', '2']);
  });

  it('tell what a volume group has left only where it lies on one disk', () => {
    const volume = (alsoOn: string[]) => block('vg-a', GiB, { type: 'lvm', alsoOn });
    const pv = (alsoOn: string[]) => block('sda1', 3 * GiB, { content: 'LVM2_member', children: [volume(alsoOn)] });
    expect(roomLeft(pv([]))).toBe(2 * GiB);
    expect(roomLeft(pv(['sdb1']))).toBeNull();
    expect(roomLeft({ ...pv([]), content: 'crypto_LUKS' })).toBeNull();
  });
});
