import { AgeError } from './failure.ts';
import { findHeaderEnd, openHeader } from './header.ts';
import type { AgeIdentity } from './identities.ts';
import {
  chunkSize,
  freeChunk,
  openChunk,
  openLastChunk,
  PayloadCipher,
  type PayloadPlace,
  payloadNonceSize,
  sealedChunkSize,
} from './payload.ts';
import { bufferAccess, type RandomAccess } from './random-access.ts';

/** Chunks that are fetched at a time when many are wanted: 1 MiB. */
const chunksPerRead = 16;
const firstRead = 16 * 1024;

/** An age file open for reading at any place: only the chunks that hold the wanted bytes are read and decrypted. */
export class AgeFile {
  /** Bytes of plaintext. */
  readonly size: number;
  readonly #source: RandomAccess;
  readonly #cipher: PayloadCipher;
  readonly #place: PayloadPlace;
  readonly #last: number;
  /** The chunk decrypted last: short reads in a row need it again. */
  #recent: { index: number; chunk: Buffer };

  private constructor(source: RandomAccess, cipher: PayloadCipher, place: PayloadPlace, index: number, chunk: Buffer) {
    this.#source = source;
    this.#cipher = cipher;
    this.#place = place;
    this.#last = index;
    this.#recent = { index, chunk };
    this.size = index * chunkSize + chunk.length;
  }

  /**
   * Opens the header, and decrypts the last chunk: only that proves that nothing is cut off.
   * @param name what to call the file in messages
   * @throws AgeError
   */
  static async open(
    source: RandomAccess,
    identities: readonly AgeIdentity[],
    name = 'the encrypted file',
  ): Promise<AgeFile> {
    const { head, end } = await readHeader(source, name);
    const start = end + payloadNonceSize;
    if (source.size < start) throw cutInHeader(source, name);
    const fileKey = await openHeader(head.subarray(0, end), identities, name);
    const cipher = new PayloadCipher(fileKey, await source.read(end, payloadNonceSize));
    const place = { name, start };
    const index = Math.max(0, Math.ceil((source.size - start) / sealedChunkSize) - 1);
    const from = start + index * sealedChunkSize;
    const sealed = await source.read(from, source.size - from);
    return new AgeFile(source, cipher, place, index, openLastChunk(cipher, place, index, sealed));
  }

  /** Decrypts the chunks `first` to `last`. @throws AgeError damagedChunk */
  async #chunks(first: number, last: number): Promise<Buffer[]> {
    if (first === last && this.#recent.index === first) return [this.#recent.chunk];
    const from = this.#place.start + first * sealedChunkSize;
    const until = Math.min(this.#place.start + (last + 1) * sealedChunkSize, this.#source.size);
    const sealed = await this.#source.read(from, until - from);
    const chunks: Buffer[] = [];
    for (let index = first; index <= last; index += 1) {
      const at = (index - first) * sealedChunkSize;
      const bytes = sealed.subarray(at, at + sealedChunkSize);
      const open = index === this.#last ? openLastChunk : openChunk;
      const chunk = open(this.#cipher, this.#place, index, bytes);
      chunks.push(chunk);
      this.#recent = { index, chunk };
    }
    return chunks;
  }

  /**
   * The chunks that hold a range one by one, and the part of each that lies in it; `own`: nobody else can have the chunk.
   * @throws AgeError
   */
  async *#parts(offset: number, length: number): AsyncGenerator<{ chunk: Buffer; part: Buffer; own: boolean }, void> {
    if (offset < 0 || length < 0) throw new RangeError(`no range: ${length} bytes from ${offset}`);
    const end = Math.min(offset + length, this.size);
    let at = offset;
    while (at < end) {
      const first = Math.floor(at / chunkSize);
      const last = Math.min(Math.floor((end - 1) / chunkSize), first + chunksPerRead - 1);
      for (const [index, chunk] of (await this.#chunks(first, last)).entries()) {
        const base = (first + index) * chunkSize;
        at = base + chunk.length;
        // The last of a run is kept for the next read.
        yield { chunk, part: chunk.subarray(Math.max(0, offset - base), end - base), own: first + index < last };
      }
    }
  }

  /** The plaintext from `offset` on, in pieces of at most 64 KiB; ends early at the file's end. @throws AgeError */
  async *stream(offset = 0, length = this.size - offset): AsyncGenerator<Buffer, void> {
    for await (const { part } of this.#parts(offset, length)) yield part;
  }

  /** The plaintext from `offset` on: `length` bytes, fewer at the file's end. @throws AgeError */
  async read(offset: number, length: number): Promise<Buffer> {
    const target = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.size - offset)));
    return target.subarray(0, await this.readInto(target, offset));
  }

  /** Fills `target` with the plaintext from `offset` on; gives how much of it there was. @throws AgeError */
  async readInto(target: Uint8Array, offset: number): Promise<number> {
    let filled = 0;
    for await (const { chunk, part, own } of this.#parts(offset, target.length)) {
      target.set(part, filled);
      filled += part.length;
      if (own) freeChunk(chunk);
    }
    return filled;
  }
}

/** An age file's first bytes, and where its header ends. @throws AgeError */
export async function readHeader(source: RandomAccess, name: string): Promise<{ head: Buffer; end: number }> {
  for (let wanted = firstRead; ; wanted *= 2) {
    const head = await source.read(0, Math.min(wanted, source.size));
    const end = findHeaderEnd(head, name);
    if (end !== null) return { head, end };
    if (head.length === source.size) throw cutInHeader(source, name);
  }
}

function cutInHeader({ size }: RandomAccess, name: string): AgeError {
  return new AgeError({ kind: 'truncated', offset: size }, `${name} ends after ${size} bytes, inside its header`);
}

/** A small file in one piece. @throws AgeError */
export async function decryptBytes(file: Buffer, identities: readonly AgeIdentity[], name?: string): Promise<Buffer> {
  const opened = await AgeFile.open(bufferAccess(file), identities, name);
  return opened.read(0, opened.size);
}
