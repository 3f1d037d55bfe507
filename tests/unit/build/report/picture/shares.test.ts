import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharesOf } from '../../../../../build/report/picture/shares.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('[B16] widths in the picture', () => {
  it('are the sizes where nothing is too small to be seen', () => {
    expect(sharesOf([10, 20, 70], 0.025)).toEqual([0.1, 0.2, 0.7]);
  });

  it('fill the bar, keep the least width, and are in proportion above it', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 2 ** 50 }), { minLength: 1, maxLength: 130 });
    fc.assert(
      fc.property(sizes, (given) => {
        const shares = sharesOf(given, 0.025);
        const floor = Math.min(0.025, 0.6 / given.length);
        expect(sum(shares)).toBeCloseTo(1, 9);
        for (const share of shares) expect(share).toBeGreaterThan(floor * 0.999);
        const above = given
          .map((size, index) => ({ size, share: shares[index] ?? 0 }))
          .filter(({ share }) => share > floor * 1.001);
        const [first] = above;
        if (first && first.size > 0)
          for (const { size, share } of above) expect(share / first.share).toBeCloseTo(size / first.size, 3);
        // Larger is never drawn narrower.
        const sorted = given
          .map((size, index) => ({ size, share: shares[index] ?? 0 }))
          .toSorted((left, right) => left.size - right.size);
        for (const [index, { share }] of sorted.entries())
          expect(share).toBeGreaterThanOrEqual((sorted[index - 1]?.share ?? 0) * 0.999);
      }),
    );
  });
});
