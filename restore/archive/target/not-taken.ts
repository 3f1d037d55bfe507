import { formatCount } from '../../../common/format.ts';

/** So many are kept word for word: who fills the target does not decide how much memory that takes. */
const mostKept = 1000;

/** What the target does not take, or not with all that belongs to it, for people: one line each. */
export class NotTaken {
  readonly #lines: string[] = [];
  #count = 0;

  add(...lines: readonly string[]): void {
    this.#count += lines.length;
    for (const line of lines.slice(0, mostKept - this.#lines.length)) this.#lines.push(line);
  }

  get count(): number {
    return this.#count;
  }

  /** The first ones, and how many more there are. */
  lines(limit = mostKept): string[] {
    const shown = this.#lines.slice(0, limit);
    const more = this.#count - shown.length;
    return more === 0 ? shown : [...shown, `and ${formatCount(more)} more`];
  }
}
