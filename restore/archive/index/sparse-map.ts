import { paddedSize, TarFormatError, tarBlock } from './tar-header.ts';

const newline = 0x0a;

/**
 * The map at the beginning of a sparse file's content (GNU format 1.0): the number of regions, then offset and length of each, decimal,
 * a line each, padded to a block. tar reads on from what the map says, not from the member's size; here both must agree, or
 * a map could make tar take content for headers.
 */
export class SparseMap {
  /** Content with padding that the member's header announced. */
  readonly #announced: number;
  #read = 0;
  #data = 0;
  #number = 0;
  #digits = 0;
  #numbers = 0;
  #expected = 1;

  constructor(size: number) {
    this.#announced = paddedSize(size);
  }

  /** Takes the next block. Gives the bytes of content that follow the map; null: the next block belongs to it too. @throws TarFormatError */
  take(block: Buffer, offset: number): number | null {
    this.#read += block.length;
    for (let at = 0; at < block.length && this.#numbers < this.#expected; at += 1)
      this.#takeByte(block[at] ?? 0, offset);
    const left = this.#announced - this.#read;
    if (this.#numbers < this.#expected) {
      if (left < tarBlock) throw new TarFormatError(offset, 'the map of a sparse file is longer than its content');
      return null;
    }
    if (this.#data !== left) throw new TarFormatError(offset, 'the map of a sparse file does not fit its content');
    return left;
  }

  #takeByte(byte: number, offset: number): void {
    const digit = byte - 0x30;
    // Offsets go up to 2^63; only lengths are reckoned with, and one that a number does not hold fits no content.
    if (digit >= 0 && digit <= 9 && this.#digits < 19) {
      this.#number = this.#number * 10 + digit;
      this.#digits += 1;
      return;
    }
    if (byte !== newline || this.#digits === 0)
      throw new TarFormatError(offset, 'the map of a sparse file is malformed');
    // Offset and length take turns after the number of regions; tar pads each region.
    if (this.#numbers === 0) this.#expected = 1 + 2 * this.#number;
    else if (this.#numbers % 2 === 0) this.#data += paddedSize(this.#number);
    this.#numbers += 1;
    this.#number = 0;
    this.#digits = 0;
  }
}
