import type { TarRange } from './salvage.ts';

/**
 * Which members of a tar stream are meant, as ranges of it: members that follow each other make one, so that a folder with
 * millions of files takes no more memory than one with a few.
 */
export class TarRuns implements Iterable<TarRange> {
  /** Start and end of each, in order. */
  readonly #edges: number[] = [];

  /** @param offset at or behind the end of what was added last */
  add({ offset, length }: { offset: number; length: number }): void {
    if (this.#edges.at(-1) === offset) this.#edges[this.#edges.length - 1] = offset + length;
    else this.#edges.push(offset, offset + length);
  }

  /** Whether the member that begins there is one of them. */
  has(offset: number): boolean {
    let [low, high] = [0, this.#edges.length / 2];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#edges[2 * middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low > 0 && offset < (this.#edges[2 * low - 1] ?? 0);
  }

  *[Symbol.iterator](): Generator<TarRange> {
    for (let at = 0; at < this.#edges.length; at += 2)
      yield { start: this.#edges[at] ?? 0, end: this.#edges[at + 1] ?? 0 };
  }
}
