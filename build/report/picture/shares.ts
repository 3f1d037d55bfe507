/**
 * Shares of a width for these sizes, summing up to 1: proportional, but none below `least`, so that a small partition
 * is still seen. What that takes is taken from the others in proportion. `least` gives way where there are many.
 */
export function sharesOf(sizes: readonly number[], least: number): number[] {
  const floor = Math.min(least, 0.6 / Math.max(1, sizes.length));
  const raised = new Set<number>();
  for (;;) {
    const rest = sizes.reduce((sum, size, index) => (raised.has(index) ? sum : sum + size), 0);
    const room = 1 - raised.size * floor;
    const shareOf = (size: number): number => (rest > 0 ? (size / rest) * room : 0);
    const small = sizes.findIndex((size, index) => !raised.has(index) && shareOf(size) < floor);
    if (small === -1) return sizes.map((size, index) => (raised.has(index) ? floor : shareOf(size)));
    raised.add(small);
    // Nothing is left to be proportional to: all sizes are zero.
    if (raised.size === sizes.length) return sizes.map(() => 1 / sizes.length);
  }
}
