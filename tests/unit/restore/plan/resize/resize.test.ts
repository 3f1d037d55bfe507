import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../../common/errors/error.ts';
import type { Manifest } from '../../../../../restore/archive/set-schema.ts';
import type { Layout, LayoutNode } from '../../../../../restore/layout/schema.ts';
import { describeChange } from '../../../../../restore/plan/resize/changes.ts';
import { loadFrom } from '../../../../../restore/plan/resize/claims.ts';
import {
  type Resized,
  type ResizeInput,
  resizeLayout,
  smallestDisk,
} from '../../../../../restore/plan/resize/resize.ts';
import { tableOf } from '../../../../../restore/plan/size.ts';
import { buildLayout, type DrawnDisk, type DrawnPartition, drawnDisk } from './random-layouts.ts';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

const drawn = (kind: DrawnPartition['kind'], mebibytes: number, used = 10): DrawnPartition => ({
  kind,
  mebibytes,
  used,
  gap: 0,
});
const machine = (partitions: DrawnPartition[], label: DrawnDisk['label'] = 'gpt') =>
  buildLayout({ label, sectorBytes: 512, partitions, tail: 0 });

function onto(
  { layout, manifest }: { layout: Layout; manifest: Manifest },
  sizeBytes: number,
  more: Partial<ResizeInput> = {},
): Resized {
  return resizeLayout({
    layout,
    loadOf: loadFrom([manifest]),
    disks: [{ source: 'disk0', sizeBytes }],
    larger: 'fill',
    ...more,
  });
}

function sizeOf(layout: Layout, id: string): number {
  return layout.nodes.find((node) => node.id === id)?.sizeBytes ?? -1;
}

const savedSize = ({ layout }: { layout: Layout }): number => layout.disks[0]?.sizeBytes ?? 0;

describe('a machine on a disk of another size [C5]', () => {
  it('is the same on a disk of the same size', () => {
    const saved = machine([drawn('boot', 500), drawn('ext4', 20_000)]);
    expect(onto(saved, savedSize(saved)).layout).toBe(saved.layout);
  });

  it('keeps everything on a larger disk, unless it is to be filled', () => {
    const saved = machine([drawn('boot', 500), drawn('ext4', 20_000), drawn('swap', 1000)]);
    expect(onto(saved, 3 * savedSize(saved), { larger: 'keep' }).layout).toBe(saved.layout);
    const filled = onto(saved, 3 * savedSize(saved)).layout;
    expect(sizeOf(filled, 'disk0:1')).toBe(500 * mebibyte);
    expect(sizeOf(filled, 'disk0:3')).toBe(1000 * mebibyte);
    expect(sizeOf(filled, 'disk0:2')).toBeGreaterThan(3 * savedSize(saved) - 1600 * mebibyte);
  });

  it('shrinks what holds files, and explains it', () => {
    const saved = machine([drawn('boot', 500), drawn('ext4', 40_000, 20), drawn('ext4', 10_000, 20)]);
    const { layout, changes } = onto(saved, 0.6 * savedSize(saved));
    expect(sizeOf(layout, 'disk0:1')).toBe(500 * mebibyte);
    expect(changes.map(({ name }) => name)).toEqual(['/srv/2', '/srv/3']);
    expect(changes[0] && describeChange(changes[0])).toMatch(/^\/srv\/2: 41\.9 GB -> \d\d\.\d GB, holds 8\.39 GB$/);
    const [root, other] = [sizeOf(layout, 'disk0:2'), sizeOf(layout, 'disk0:3')];
    expect(root / other).toBeCloseTo(4, 1);
  });

  it('goes through encryption, a group and an array', () => {
    const saved = machine([drawn('boot', 500), drawn('luks-group', 20_000), drawn('array', 20_000)]);
    const half = onto(saved, 0.5 * savedSize(saved)).layout;
    expect(sizeOf(half, 'disk0:2')).toBeLessThan(11_000 * mebibyte);
    expect(sizeOf(half, 'crypt:disk0:2')).toBe(sizeOf(half, 'disk0:2') - 16 * mebibyte);
    const group = half.groups[0];
    const root = group?.volumes.find(({ name }) => name === 'root')?.sizeBytes ?? 0;
    expect(root).toBe(sizeOf(half, 'lv:vg0/root'));
    expect(root).toBeLessThan(sizeOf(half, 'crypt:disk0:2'));
    expect(sizeOf(half, 'md:0')).toBe(half.arrays[0]?.componentBytes);
    expect(sizeOf(half, 'md:0')).toBeLessThan(sizeOf(half, 'disk0:3'));
  });

  it('takes from swap only where nothing else is left', () => {
    const saved = machine([drawn('ext4', 10_000, 50), drawn('swap', 8000)]);
    const roomy = onto(saved, 16 * gibibyte);
    expect(sizeOf(roomy.layout, 'disk0:2')).toBe(8000 * mebibyte);
    const tight = onto(saved, 10 * gibibyte);
    expect(sizeOf(tight.layout, 'disk0:2')).toBeLessThan(8000 * mebibyte);
  });

  it('has the sizes that a person asked for, or says why not', () => {
    const saved = machine([drawn('ext4', 20_000), drawn('ext4', 20_000)]);
    const wishes = new Map([['disk0:1', 5000 * mebibyte]]);
    const asked = onto(saved, savedSize(saved), { wishes }).layout;
    expect(sizeOf(asked, 'disk0:1')).toBe(5000 * mebibyte);
    expect(sizeOf(asked, 'disk0:2')).toBe(35_000 * mebibyte);
    for (const bytes of [100 * mebibyte, 5000 * mebibyte + 1])
      expect(() => onto(saved, savedSize(saved), { wishes: new Map([['disk0:1', bytes]]) })).toThrow(
        expect.objectContaining({ code: 'RK450' }),
      );
  });

  it('is refused a mebibyte below the smallest disk, with what is missing', () => {
    const saved = machine([drawn('boot', 500), drawn('ext4', 20_000, 50), drawn('swap', 1000)]);
    const [disk] = saved.layout.disks;
    if (!disk) throw new Error('no disk');
    const least = smallestDisk(saved.layout, loadFrom([saved.manifest]), disk);
    expect(sizeOf(onto(saved, least).layout, 'disk0:2')).toBeGreaterThan(10_000 * mebibyte);
    expect(() => onto(saved, least - mebibyte)).toThrow(expect.objectContaining({ code: 'RK401' }));
    try {
      onto(saved, least - mebibyte);
    } catch (error) {
      expect(error instanceof RekindleError && error.reason).toContain('1,048,576 bytes');
    }
  });
});

/** What no plan may get wrong; throws with the reason. Counts for itself, not with the planner's numbers. */
function assertSound(before: Layout, { layout }: Resized, sizeBytes: number): void {
  const [disk] = layout.disks;
  const [saved] = before.disks;
  if (!disk || !saved) throw new Error('no disk');
  // Reads, and refuses overlaps and what lies outside. A kept table is made to fit when it is written.
  const isMoved = disk.table !== saved.table;
  const table = tableOf({ ...disk, table: disk.table?.replace(/^last-lba.*\n/m, '') ?? null, sizeBytes });
  if (!table) throw new Error('no table');
  expect(table.partitions.map(({ number, type, id }) => [number, type, id])).toEqual(
    tableOf(saved)?.partitions.map(({ number, type, id }) => [number, type, id]),
  );
  const byId = new Map(layout.nodes.map((node) => [node.id, node]));
  for (const old of before.nodes) {
    const now = byId.get(old.id);
    if (!now) throw new Error(`${old.id} is gone`);
    assertNode(old, now, layout);
  }
  for (const { number, start, sectors, extended } of table.partitions) {
    if (isMoved && (start * disk.logicalSectorBytes) % mebibyte !== 0) throw new Error(`${number} is not aligned`);
    const node = byId.get(`disk0:${number}`);
    if (node && !extended) expect(node.sizeBytes).toBe(sectors * disk.logicalSectorBytes);
  }
  for (const { id, extentBytes, volumes } of layout.groups) {
    const member = layout.nodes.find(({ content }) => content?.kind === 'group-member' && content.group === id);
    const used = volumes.reduce((sum, volume) => sum + volume.sizeBytes, 0);
    if (used > (member?.sizeBytes ?? 0) - mebibyte) throw new Error(`${id} is fuller than its member`);
    if (volumes.some((volume) => volume.sizeBytes % extentBytes !== 0)) throw new Error(`${id}: half an extent`);
  }
}

function assertNode(old: LayoutNode, now: LayoutNode, layout: Layout): void {
  const { content } = now;
  if (content?.kind === 'ext4') {
    const { blockCount, blockBytes, inodeCount } = content;
    if (blockCount * blockBytes > now.sizeBytes)
      throw new Error(`${now.id}: the file system is larger than its device`);
    if (blockCount * blockBytes < (old.usedBytes ?? 0)) throw new Error(`${now.id} is smaller than what it holds`);
    if (inodeCount < (old.usedBytes ?? 0) / 100_000) throw new Error(`${now.id} has too few inodes`);
  }
  const isStuck = old.content === null || old.mount?.at.startsWith('/boot');
  const isFrame =
    now.origin.type === 'partition' && layout.nodes.some(({ id }) => id === 'disk0:5') && now.id === 'disk0:4';
  if (isStuck && !isFrame) expect(now.sizeBytes).toBe(old.sizeBytes);
  if (now.origin.type === 'crypt') {
    const below = layout.nodes.find(({ id }) => now.origin.type === 'crypt' && id === now.origin.on);
    expect(now.sizeBytes).toBe((below?.sizeBytes ?? 0) - 16 * mebibyte);
  }
}

describe('any machine on any disk [C5]', () => {
  it('no overlap, aligned, never below what it holds, what is fixed stays, the same twice, or a refusal', () => {
    let refused = 0;
    let resized = 0;
    const factor = fc.integer({ min: 20, max: 400 });
    fc.assert(
      fc.property(drawnDisk, factor, fc.constantFrom<'keep' | 'fill'>('keep', 'fill'), (disk, percent, larger) => {
        const saved = buildLayout(disk);
        const sizeBytes = Math.floor((savedSize(saved) * percent) / 100 / 4096) * 4096;
        const [first] = saved.layout.disks;
        if (!first) return;
        const least = smallestDisk(saved.layout, loadFrom([saved.manifest]), first);
        try {
          const once = onto(saved, sizeBytes, { larger });
          resized += 1;
          assertSound(saved.layout, once, sizeBytes);
          const twice = onto({ ...saved, layout: once.layout }, sizeBytes, { larger });
          expect(twice.layout).toEqual(once.layout);
          if (percent < 100) expect(sizeBytes).toBeGreaterThanOrEqual(least);
        } catch (error) {
          if (!(error instanceof RekindleError) || error.code !== 'RK401') throw error;
          refused += 1;
          expect(sizeBytes).toBeLessThan(least);
          expect(error.reason).toContain(`${(least - sizeBytes).toLocaleString('en-US')} bytes`);
        }
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(refused, resized)).toBeGreaterThan(300);
  });
});
