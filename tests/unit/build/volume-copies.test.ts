import fc from 'fast-check';
import { expect, it } from 'vitest';
import { snapshotExtents } from '../../../build/volume-copies.ts';

const mebibyte = 2 ** 20;

it('[B9] LVM snapshots share what is free, and none is larger than its volume', () => {
  const volumes = fc.array(fc.integer({ min: 4, max: 500_000 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(volumes, fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(1, 4, 32), (sizes, free, extent) => {
      const list = sizes.map((size, index) => ({ name: `${index}`, sizeBytes: size * mebibyte }));
      const extents = snapshotExtents(list, free, extent * mebibyte);
      const all = [...extents.values()];
      expect(all.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(free);
      for (const [index, count] of all.entries())
        expect(count).toBeLessThanOrEqual(Math.ceil((sizes[index] ?? 0) / extent));
    }),
  );
});

it('[B9] a tenth of the volume, 64 MiB at least', () => {
  const volumes = [
    { name: 'root', sizeBytes: 20_000 * mebibyte },
    { name: 'small', sizeBytes: 200 * mebibyte },
  ];
  expect(snapshotExtents(volumes, 10_000, 4 * mebibyte)).toEqual(new Map(Object.entries({ root: 500, small: 16 })));
});
