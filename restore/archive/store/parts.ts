import type { VolumeFile } from '../set-schema.ts';
import type { ByteSource } from './store.ts';

/** Opens a part wherever its volume is now; waits for it, or says that it cannot be had. */
export type OpenPart = (part: VolumeFile) => Promise<ByteSource>;

/** The parts of one file, as if they were one. Only one is open at a time: a drive's disc can be changed in between. */
export class PartsSource implements ByteSource {
  readonly size: number;
  readonly #parts: readonly VolumeFile[];
  readonly #openPart: OpenPart;
  #current: { part: VolumeFile; source: ByteSource } | null = null;
  #closed = false;

  constructor(parts: readonly VolumeFile[], openPart: OpenPart) {
    this.#parts = parts;
    this.#openPart = openPart;
    this.size = parts.reduce((sum, { size }) => sum + size, 0);
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let from = 0;
    for (const part of this.#parts) {
      const inside = position - from;
      if (inside < part.size) return (await this.#use(part)).read(target.subarray(0, part.size - inside), inside);
      from += part.size;
    }
    return 0;
  }

  async #use(part: VolumeFile): Promise<ByteSource> {
    if (this.#current?.part === part) return this.#current.source;
    await this.#closeCurrent();
    const source = await this.#openPart(part);
    // Whoever reads ahead may be waiting for a part when nobody wants it any more.
    if (this.#closed) {
      await source.close();
      throw new Error(`${part.path} is not read any more`);
    }
    this.#current = { part, source };
    return source;
  }

  async #closeCurrent(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    await current?.source.close();
  }

  /** For good: also what a read that is under way opens. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#closeCurrent();
  }
}
