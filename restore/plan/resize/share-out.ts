/** Something that wants room: a partition, a volume. All sizes in units of one alignment (1 MiB, an LVM extent). */
export interface Claim {
  id: string;
  /** It is never made smaller than this. */
  minimum: number;
  /** It is never made larger than this; Infinity where nothing limits it. */
  maximum: number;
  /** Its share of what there is: the size that it was saved with. */
  weight: number;
}

export type Shares =
  | { shortfall: null; sizes: Map<string, number>; left: number }
  /** So many units are missing for the minimums alone. */
  | { shortfall: number };

/**
 * Shares `total` units out in proportion to the weights, within each claim's limits. What the limits leave over stays
 * free (`left`). Whole units; the sum is exact. Pure.
 */
export function shareOut(claims: readonly Claim[], total: number): Shares {
  const least = claims.reduce((sum, { minimum }) => sum + minimum, 0);
  if (least > total) return { shortfall: least - total };
  const factor = findFactor(claims, total);
  const sizes = new Map(claims.map((claim) => [claim.id, Math.floor(sizeAt(claim, factor))]));
  let left = total - [...sizes.values()].reduce((sum, size) => sum + size, 0);
  // Rounding down left at most a unit a claim: the largest ones take them.
  for (const { id, maximum } of claims.toSorted((one, other) => other.weight - one.weight)) {
    const size = sizes.get(id) ?? 0;
    const extra = Math.min(left, Math.max(0, Math.floor(maximum) - size), 1);
    sizes.set(id, size + extra);
    left -= extra;
  }
  return { shortfall: null, sizes, left };
}

function sizeAt({ minimum, maximum, weight }: Claim, factor: number): number {
  return Math.max(minimum, Math.min(maximum, weight * factor));
}

/** The sum grows with the factor, so halving finds the largest one that fits. */
function findFactor(claims: readonly Claim[], total: number): number {
  const sum = (factor: number): number => claims.reduce((all, claim) => all + Math.floor(sizeAt(claim, factor)), 0);
  let low = 0;
  let high = 1;
  const lightest = Math.min(...claims.filter(({ weight }) => weight > 0).map(({ weight }) => weight));
  while (sum(high) <= total && high * lightest <= total + 1) high *= 2;
  if (sum(high) <= total) return high;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (sum(middle) <= total) low = middle;
    else high = middle;
  }
  return low;
}
