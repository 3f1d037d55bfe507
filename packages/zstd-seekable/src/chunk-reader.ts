export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What fills memory that is given to it, such as a file descriptor: a copy less than a stream of chunks. */
export interface ByteReader {
  /** Fills `target`; gives how much of it is filled: less only where the stream ends, 0 after that. */
  read(target: Uint8Array): Promise<number>;
  /** Nothing more is wanted; a `read` may be under way. */
  close(): void;
}

export function readerOf(input: Chunks | ByteReader): ByteReader {
  return Symbol.asyncIterator in input || Symbol.iterator in input ? new ChunkReader(input) : input;
}

/** Cuts a stream of chunks of any size into the pieces that are asked for. */
export class ChunkReader implements ByteReader {
  readonly #chunks: Chunks;
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(chunks: Chunks) {
    this.#chunks = chunks;
    this.#iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  /** Fills `target`; gives how much of it is filled: less only where the stream ends. Throws the stream's own error. */
  async read(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length && (await this.#more())) {
      const part = this.#rest.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return filled;
  }

  /** Drops `count` bytes; gives how many there were. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count && (await this.#more())) {
      const part = Math.min(this.#rest.length, count - skipped);
      skipped += part;
      this.#rest = this.#rest.subarray(part);
    }
    return skipped;
  }

  /**
   * Lets the stream go. It is not waited for: one that waits for data that never comes would not answer, unless it
   * can be destroyed.
   */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    if ('destroy' in this.#chunks && typeof this.#chunks.destroy === 'function') this.#chunks.destroy();
    else Promise.try(async () => this.#iterator.return?.()).catch(() => undefined);
  }

  async #more(): Promise<boolean> {
    while (this.#rest.length === 0 && !this.#ended) {
      const { done, value } = await this.#iterator.next();
      if (done) this.#ended = true;
      else if (value instanceof Uint8Array) this.#rest = value;
      else throw new TypeError('the stream must give bytes: no encoding may be set, no objects written to it');
    }
    return this.#rest.length > 0;
  }
}
