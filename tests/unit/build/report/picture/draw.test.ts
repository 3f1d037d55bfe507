import { describe, expect, it } from 'vitest';
import { drawDisk } from '../../../../../build/report/picture/draw.ts';
import { block, disk, GiB, MiB, partition } from '../sample-disks.ts';

/** Widths (per cent of what they lie on) of the boxes, outermost first, in the order in which they are written. */
function widths(drawn: { text: string }): number[] {
  return [...drawn.text.matchAll(/<svg x="[\d.]+%" y="\d+" width="([\d.]+)%"/g)].map((match) => Number(match[1]));
}

function onOneVolume(volume: number, alsoOn: string[] = []) {
  const children = [block('vg-a', volume, { type: 'lvm', alsoOn })];
  const held = block('sda', 2 * GiB, { type: 'disk', content: 'LVM2_member', children });
  return drawDisk({ ...disk('sda', 2 * GiB), block: held });
}

describe('[B16] the picture of a disk', () => {
  it('draws a volume as wide as its share of what it lies on, on several disks never wider than this one', () => {
    expect(widths(onOneVolume(GiB))).toEqual([100, 50, 50]);
    expect(widths(onOneVolume(GiB, ['sdb']))).toEqual([100, 50]);
    expect(widths(onOneVolume(9 * GiB, ['sdb']))).toEqual([100, 100]);
  });

  it('draws a partition of a millionth of the disk so that it is seen, and the rest as it is', () => {
    const partitions = [
      partition(1, MiB, block('sda1', MiB)),
      partition(2, 2 * MiB, block('sda2', 250 * GiB)),
      partition(3, 2 * MiB + 250 * GiB, block('sda3', 750 * GiB)),
    ];
    const [first, second, third] = widths(drawDisk(disk('sda', 1000 * GiB + 3 * MiB, { partitions })));
    expect(first).toBe(2.5);
    expect((third ?? 0) / (second ?? 1)).toBeCloseTo(3, 2);
  });

  it('writes each text once where it fits at every width, and no text where none fits', () => {
    const texts = [...onOneVolume(GiB).text.matchAll(/class="t ([a-z ]+)"/g)].map((match) => match[1]);
    expect(texts).toContain('tp tm tw');
    const tiny = Array.from({ length: 100 }, (_, at) => block(`vg-${at}`, MiB, { type: 'lvm' }));
    const many = { ...disk('sda', GiB), block: block('sda', GiB, { content: 'LVM2_member', children: tiny }) };
    expect(drawDisk(many).text).toContain('<title>vg-99, LVM volume vg-99, 1.05 MB</title>');
    expect(drawDisk(many).text).not.toMatch(/<text[^>]*>LVM volume/);
  });
});
