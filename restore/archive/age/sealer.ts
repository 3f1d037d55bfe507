import { randomBytes } from 'node:crypto';
import { type AgeHeader, makeHeader } from './header.ts';
import { chunkSize, freeChunk, PayloadCipher, payloadNonceSize, payloadSize, sealedChunkSize } from './payload.ts';
import type { AgeRecipients } from './recipients.ts';
import { Splitter } from './splitter.ts';

/**
 * Makes one age file out of pieces of any size, each sealed as one piece: what is written at once is as large as what came
 * in. Memory: one chunk, and the largest sealed piece. `createSealer` makes the header.
 */
export class AgeSealer {
  /** Header and nonce: the file begins with them. */
  readonly head: Buffer;
  readonly #headerSize: number;
  readonly #cipher: PayloadCipher;
  readonly #splitter = new Splitter(chunkSize);
  #sealed = Buffer.alloc(0);
  #filled = 0;
  #index = 0;

  constructor({ bytes, fileKey }: AgeHeader) {
    const nonce = randomBytes(payloadNonceSize);
    this.#cipher = new PayloadCipher(fileKey, nonce);
    this.#headerSize = bytes.length;
    this.head = Buffer.concat([bytes, nonce]);
  }

  /** Bytes of the whole file when its content has `plaintextSize` bytes. */
  fileSize(plaintextSize: number): number {
    return this.#headerSize + payloadSize(plaintextSize);
  }

  /** The chunks that `data` completes; none while it does not. Their memory is used again by the next call. */
  seal(data: Buffer): Buffer {
    this.#begin(data.length);
    this.#splitter.add(data, (chunk) => this.#add(chunk, false));
    return this.#sealed.subarray(0, this.#filled);
  }

  /** The last chunk, which every file has; nothing may be sealed after it. */
  end(): Buffer {
    this.#begin(0);
    this.#add(this.#splitter.rest(), true);
    return this.#sealed.subarray(0, this.#filled);
  }

  /** Room for `length` bytes of plaintext and what the splitter holds. */
  #begin(length: number): void {
    const room = Math.ceil((length + chunkSize) / chunkSize) * sealedChunkSize;
    if (this.#sealed.length < room) this.#sealed = Buffer.allocUnsafeSlow(room);
    this.#filled = 0;
  }

  #add(chunk: Buffer, last: boolean): void {
    const [ciphertext, tag] = this.#cipher.seal(this.#index, last, chunk);
    this.#filled += ciphertext.copy(this.#sealed, this.#filled);
    this.#filled += tag.copy(this.#sealed, this.#filled);
    this.#index += 1;
    freeChunk(ciphertext);
  }
}

/** Makes the header (for a passphrase: one scrypt) and what seals the file. */
export async function createSealer(to: AgeRecipients): Promise<AgeSealer> {
  return new AgeSealer(await makeHeader(to));
}
