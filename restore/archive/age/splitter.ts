/** Cuts a stream into chunks of one size and holds the end back: only the end of the stream shows which chunk is the last. */
export class Splitter {
  readonly #held: Buffer;
  #filled = 0;

  constructor(size: number) {
    this.#held = Buffer.allocUnsafeSlow(size);
  }

  /** Calls `onChunk` with each chunk that has bytes after it. The chunk's memory is used again after the call. */
  add(data: Buffer, onChunk: (chunk: Buffer) => void): void {
    const size = this.#held.length;
    let at = 0;
    if (this.#filled > 0) {
      at = data.copy(this.#held, this.#filled);
      this.#filled += at;
      if (at === data.length) return;
      onChunk(this.#held);
      this.#filled = 0;
    }
    for (; data.length - at > size; at += size) onChunk(data.subarray(at, at + size));
    this.#filled = data.copy(this.#held, 0, at);
  }

  /** The last chunk, after the end; empty only when there was nothing. */
  rest(): Buffer {
    return this.#held.subarray(0, this.#filled);
  }
}
