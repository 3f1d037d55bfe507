import { randomBytes } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { type AgeHeader, makeHeader } from './header.ts';
import { chunkSize, PayloadCipher, payloadNonceSize, payloadSize } from './payload.ts';
import type { AgeRecipients } from './recipients.ts';
import { Splitter } from './splitter.ts';

const highWaterMark = 1 << 20;

/**
 * Turns plaintext into an age file. Memory: one chunk, the largest piece that was written to it, and 2 MiB of buffers.
 * For one file; `createEncryptor` makes the header.
 */
export class AgeEncryptor extends Transform {
  readonly #cipher: PayloadCipher;
  readonly #splitter = new Splitter(chunkSize);
  readonly #headerSize: number;
  #index = 0;

  constructor({ bytes, fileKey }: AgeHeader) {
    super({ highWaterMark });
    const nonce = randomBytes(payloadNonceSize);
    this.#cipher = new PayloadCipher(fileKey, nonce);
    this.#headerSize = bytes.length;
    this.push(bytes);
    this.push(nonce);
  }

  /** Bytes of the whole file when its content has `plaintextSize` bytes. */
  fileSize(plaintextSize: number): number {
    return this.#headerSize + payloadSize(plaintextSize);
  }

  #seal(chunk: Buffer, last: boolean): void {
    const [ciphertext, tag] = this.#cipher.seal(this.#index, last, chunk);
    this.#index += 1;
    if (ciphertext.length > 0) this.push(ciphertext);
    this.push(tag);
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#splitter.add(data, (chunk) => this.#seal(chunk, false));
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#seal(this.#splitter.rest(), true);
    done();
  }
}

/** Makes the header (for a passphrase: one scrypt) and the stream that writes the file. */
export async function createEncryptor(to: AgeRecipients): Promise<AgeEncryptor> {
  return new AgeEncryptor(await makeHeader(to));
}

/** A small file in one piece. */
export async function encryptBytes(content: Uint8Array, to: AgeRecipients): Promise<Buffer> {
  const encryptor = await createEncryptor(to);
  encryptor.end(content);
  return Buffer.concat(await encryptor.toArray());
}
