// Strings and numbers as SSH writes them (RFC 4251, section 5).

/** Reads fields from a blob. Its methods give null past the end, never part of a field. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint32(): number | null {
    if (this.#at + 4 > this.#bytes.length) return null;
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  string(): Buffer | null {
    const length = this.uint32();
    if (length === null || this.#at + length > this.#bytes.length) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A positive mpint as the shortest big endian bytes. */
  number(): Buffer | null {
    const bytes = this.string();
    if (!bytes) return null;
    return bytes[0] === 0 ? bytes.subarray(1) : bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
}

export function wireString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** @param value big endian, without leading zeros */
export function wireNumber(value: Uint8Array): Buffer {
  return wireString((value[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), value]) : value);
}
