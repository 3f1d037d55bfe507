import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, shareOut } from '../../../../../restore/plan/resize/share-out.ts';

const claim = (id: string, minimum: number, weight: number, maximum = Number.POSITIVE_INFINITY): Claim => ({
  id,
  minimum,
  maximum,
  weight,
});

function sizesOf(claims: readonly Claim[], total: number): Record<string, number> {
  const shares = shareOut(claims, total);
  if (shares.shortfall !== null) throw new Error(`${shares.shortfall} short`);
  return Object.fromEntries(shares.sizes);
}

describe('sharing room out', () => {
  it('[C5] gives in proportion to what was there', () => {
    expect(sizesOf([claim('root', 10, 100), claim('home', 10, 300)], 800)).toEqual({ root: 200, home: 600 });
  });

  it('[C5] keeps what is fixed, and what is full', () => {
    const claims = [claim('boot', 5, 5, 5), claim('root', 90, 100), claim('home', 10, 100)];
    expect(sizesOf(claims, 125)).toEqual({ boot: 5, root: 90, home: 30 });
  });

  it('[C5] says how much is missing', () => {
    expect(shareOut([claim('root', 60, 100), claim('home', 50, 100)], 100)).toEqual({ shortfall: 10 });
  });

  it('leaves over what nobody may take', () => {
    expect(shareOut([claim('boot', 5, 5, 5)], 8)).toMatchObject({ left: 3 });
  });

  it('[C5] never goes below a minimum or above a maximum, uses all that may be used, and is stable', () => {
    const claims = fc.array(
      fc.record({
        minimum: fc.integer({ min: 0, max: 5000 }),
        over: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 10_000 })),
        weight: fc.integer({ min: 0, max: 10_000 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(claims, fc.integer({ min: 0, max: 100_000 }), (drawn, total) => {
        const list = drawn.map(({ minimum, over, weight }, index) =>
          claim(`${index}`, minimum, weight, minimum + over),
        );
        const shares = shareOut(list, total);
        const least = list.reduce((sum, { minimum }) => sum + minimum, 0);
        if (shares.shortfall !== null) return shares.shortfall === least - total && shares.shortfall > 0;
        const sizes = list.map((each) => shares.sizes.get(each.id) ?? -1);
        const used = sizes.reduce((sum, size) => sum + size, 0);
        const within = list.every(({ minimum, maximum }, index) => {
          const size = sizes[index] ?? -1;
          return Number.isInteger(size) && size >= minimum && size <= maximum;
        });
        const growing = list.some(({ weight, maximum }, index) => weight > 0 && (sizes[index] ?? 0) < maximum);
        const again = shareOut(
          list.map((each) => ({ ...each, weight: shares.sizes.get(each.id) ?? 0 })),
          used,
        );
        const stable = again.shortfall === null && list.every(({ id }) => again.sizes.get(id) === shares.sizes.get(id));
        return within && used + shares.left === total && (shares.left === 0 || !growing) && stable;
      }),
      { numRuns: 3000 },
    );
  });
});
