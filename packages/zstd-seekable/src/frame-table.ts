import { SeekableError } from './error.ts';
import { digestSize, maxFrames } from './format.ts';

/** What a table keeps of one frame. All frames of a table have the same optional parts. */
export interface FrameEntry {
  /** Bytes. */
  compressedSize: number;
  /** Bytes. */
  uncompressedSize: number;
  /** Low 32 bits of the content's XXH64: zstd's own content checksum. */
  checksum?: number;
  /** SHA-256 (32 bytes) of the frame as it lies in the file. */
  sha256?: Uint8Array;
  /** SHA-256 (32 bytes) of what was compressed. */
  contentSha256?: Uint8Array;
}

/** Where a frame is. */
export interface FramePlace {
  index: number;
  /** In the compressed file, bytes. */
  offset: number;
  compressedSize: number;
  /** In the uncompressed stream, bytes. */
  uncompressedOffset: number;
  uncompressedSize: number;
  checksum?: number;
}

export interface FrameRecord extends FramePlace, FrameEntry {}

/** Which optional parts a table's frames have. */
export interface FrameColumns {
  checksum: boolean;
  sha256: boolean;
  contentSha256: boolean;
}

/**
 * Where each frame is. Typed arrays, so that a million frames take 16 MB (20 with checksums, 84 with both digests).
 * Offsets count from the first frame.
 */
export class FrameTable {
  #length = 0;
  #capacity: number;
  #columns: FrameColumns | undefined;
  /** End of each frame; its begin is the end of the one before. */
  #ends: Float64Array<ArrayBuffer>;
  #contentEnds: Float64Array<ArrayBuffer>;
  #checksums = new Uint32Array(0);
  #digests = new Uint8Array(0);
  #contentDigests = new Uint8Array(0);

  /** @param capacity frames to make room for; the table grows when there are more */
  constructor(capacity = 64) {
    this.#capacity = Math.max(1, capacity);
    this.#ends = new Float64Array(this.#capacity);
    this.#contentEnds = new Float64Array(this.#capacity);
  }

  get length(): number {
    return this.#length;
  }

  get columns(): FrameColumns {
    return this.#columns ?? { checksum: false, sha256: false, contentSha256: false };
  }

  /** Of all frames, bytes; the seek table begins there. */
  get compressedSize(): number {
    return this.#ends[this.#length - 1] ?? 0;
  }

  /** Of all frames, bytes. */
  get uncompressedSize(): number {
    return this.#contentEnds[this.#length - 1] ?? 0;
  }

  /** @throws SeekableError too-large; TypeError when the entry has other optional parts than those before it */
  append(entry: FrameEntry): void {
    const at = this.#length;
    if (at >= maxFrames) throw new SeekableError('too-large', `a seek table holds at most ${maxFrames} frames`);
    this.#checkColumns(entry);
    this.#makeRoom(at + 1);
    this.#ends[at] = this.compressedSize + entry.compressedSize;
    this.#contentEnds[at] = this.uncompressedSize + entry.uncompressedSize;
    if (entry.checksum !== undefined) this.#checksums[at] = entry.checksum;
    if (entry.sha256) this.#digests.set(entry.sha256, at * digestSize);
    if (entry.contentSha256) this.#contentDigests.set(entry.contentSha256, at * digestSize);
    this.#length = at + 1;
  }

  /** Without the digests, which cost a copy. @throws SeekableError out-of-range */
  place(index: number): FramePlace {
    if (!Number.isInteger(index) || index < 0 || index >= this.#length)
      throw new SeekableError('out-of-range', `there is no frame ${index}: the table has ${this.#length}`);
    const offset = this.#ends[index - 1] ?? 0;
    const uncompressedOffset = this.#contentEnds[index - 1] ?? 0;
    return {
      index,
      offset,
      compressedSize: (this.#ends[index] ?? 0) - offset,
      uncompressedOffset,
      uncompressedSize: (this.#contentEnds[index] ?? 0) - uncompressedOffset,
      ...(this.columns.checksum && { checksum: this.#checksums[index] ?? 0 }),
    };
  }

  /** @throws SeekableError out-of-range */
  frame(index: number): FrameRecord {
    const place = this.place(index);
    const { sha256, contentSha256 } = this.columns;
    const digest = (digests: Uint8Array): Uint8Array => digests.slice(index * digestSize, (index + 1) * digestSize);
    return {
      ...place,
      ...(sha256 && { sha256: digest(this.#digests) }),
      ...(contentSha256 && { contentSha256: digest(this.#contentDigests) }),
    };
  }

  /**
   * Index of the frame that holds byte `position` of the uncompressed stream.
   * @throws SeekableError out-of-range
   */
  frameAt(position: number): number {
    if (!(position >= 0 && position < this.uncompressedSize))
      throw new SeekableError('out-of-range', `there is no byte ${position}: the stream has ${this.uncompressedSize}`);
    let low = 0;
    let high = this.#length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#contentEnds[middle] ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Sizes of the largest frames in [from, to), bytes: what buffers must hold. Frames above `limit` do not count. */
  largest(from: number, to: number, limit: number): { compressed: number; uncompressed: number } {
    let compressed = 0;
    let uncompressed = 0;
    for (let index = from; index < to; index += 1) {
      const size = (this.#ends[index] ?? 0) - (this.#ends[index - 1] ?? 0);
      const contentSize = (this.#contentEnds[index] ?? 0) - (this.#contentEnds[index - 1] ?? 0);
      if (Math.max(size, contentSize) > limit) continue;
      compressed = Math.max(compressed, size);
      uncompressed = Math.max(uncompressed, contentSize);
    }
    return { compressed, uncompressed };
  }

  #checkColumns({ checksum, sha256, contentSha256 }: FrameEntry): void {
    for (const digest of [sha256, contentSha256])
      if (digest && digest.length !== digestSize) throw new TypeError(`a SHA-256 of ${digest.length} bytes`);
    const columns = {
      checksum: checksum !== undefined,
      sha256: sha256 !== undefined,
      contentSha256: contentSha256 !== undefined,
    };
    this.#columns ??= columns;
    const { checksum: a, sha256: b, contentSha256: c } = this.#columns;
    if (a !== columns.checksum || b !== columns.sha256 || c !== columns.contentSha256)
      throw new TypeError('the frames of one table must all have checksums and digests, or none');
  }

  #makeRoom(length: number): void {
    const grow = length > this.#capacity;
    if (grow) this.#capacity = Math.max(length, this.#capacity * 2);
    const { checksum, sha256, contentSha256 } = this.columns;
    const bytes = this.#capacity * digestSize;
    // transfer() resizes in place where it can: a copy of the whole table is never held twice for long.
    if (grow) {
      this.#ends = new Float64Array(this.#ends.buffer.transfer(this.#capacity * 8));
      this.#contentEnds = new Float64Array(this.#contentEnds.buffer.transfer(this.#capacity * 8));
    }
    if (checksum && this.#checksums.length < this.#capacity)
      this.#checksums = new Uint32Array(this.#checksums.buffer.transfer(this.#capacity * 4));
    if (sha256 && this.#digests.length < bytes) this.#digests = new Uint8Array(this.#digests.buffer.transfer(bytes));
    if (contentSha256 && this.#contentDigests.length < bytes)
      this.#contentDigests = new Uint8Array(this.#contentDigests.buffer.transfer(bytes));
  }
}
