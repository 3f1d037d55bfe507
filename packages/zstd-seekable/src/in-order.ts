/** Values numbered from 0: put in any order, taken one by one in theirs. */
export class InOrder<T> {
  readonly #put = new Map<number, T>();
  #next = 0;
  #end = Number.POSITIVE_INFINITY;
  /** Comes in place of the value at `#end`. */
  #endError: { error: unknown } | undefined;
  #failed = false;
  #waiter: { resolve: (value: T | undefined) => void; reject: (error: unknown) => void } | undefined;

  put(place: number, value: T): void {
    this.#put.set(place, value);
    this.#settle();
  }

  /** No value has this place or a later one. With an error, `take` throws it once the values before are taken. */
  end(place: number, failure?: { error: unknown }): void {
    // What ends the feeding after a failure comes too late: the values before its place never come.
    if (this.#failed) return;
    this.#end = place;
    this.#endError = failure;
    this.#settle();
  }

  /** `take` throws now, whatever is there. */
  fail(error: unknown): void {
    this.#put.clear();
    this.end(this.#next, { error });
    this.#failed = true;
  }

  /** The next value, or undefined after the last. */
  take(): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#settle();
    });
  }

  #settle(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    if (this.#next >= this.#end) {
      this.#waiter = undefined;
      if (this.#endError) waiter.reject(this.#endError.error);
      else waiter.resolve(undefined);
      return;
    }
    const value = this.#put.get(this.#next);
    if (value === undefined) return;
    this.#put.delete(this.#next);
    this.#next += 1;
    this.#waiter = undefined;
    waiter.resolve(value);
  }
}

/** Numbers of free buffers. */
export class FreeList {
  readonly #free: number[];
  #waiter: ((buffer: number | undefined) => void) | undefined;
  #closed = false;

  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, index) => index);
  }

  /** Waits for a free one; undefined after `close`. One caller at a time. */
  async take(): Promise<number | undefined> {
    if (this.#closed) return undefined;
    return (
      this.#free.pop() ??
      (await new Promise<number | undefined>((resolve) => {
        this.#waiter = resolve;
      }))
    );
  }

  give(buffer: number): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter) waiter(buffer);
    else this.#free.push(buffer);
  }

  /** Gives the numbers of those that were free. */
  close(): number[] {
    this.#closed = true;
    this.#waiter?.(undefined);
    this.#waiter = undefined;
    return this.#free.splice(0);
  }
}
