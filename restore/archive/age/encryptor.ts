import { Transform, type TransformCallback } from 'node:stream';
import type { AgeRecipients } from './recipients.ts';
import { type AgeSealer, createSealer } from './sealer.ts';

const highWaterMark = 1 << 20;

/**
 * Turns plaintext into an age file, as a stream. Memory: the sealer's, the largest piece that was written to it, and 2 MiB
 * of buffers. For one file; `createEncryptor` makes the header.
 */
export class AgeEncryptor extends Transform {
  readonly #sealer: AgeSealer;

  constructor(sealer: AgeSealer) {
    super({ highWaterMark });
    this.#sealer = sealer;
    this.push(sealer.head);
  }

  /** Bytes of the whole file when its content has `plaintextSize` bytes. */
  fileSize(plaintextSize: number): number {
    return this.#sealer.fileSize(plaintextSize);
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const sealed = this.#sealer.seal(data);
    if (sealed.length > 0) this.push(Buffer.from(sealed)); // a copy: the reader may be behind
    done();
  }

  override _flush(done: TransformCallback): void {
    this.push(Buffer.from(this.#sealer.end()));
    done();
  }
}

/** Makes the header (for a passphrase: one scrypt) and the stream that writes the file. */
export async function createEncryptor(to: AgeRecipients): Promise<AgeEncryptor> {
  return new AgeEncryptor(await createSealer(to));
}

/** A small file in one piece. */
export async function encryptBytes(content: Uint8Array, to: AgeRecipients): Promise<Buffer> {
  const encryptor = await createEncryptor(to);
  encryptor.end(content);
  return Buffer.concat(await encryptor.toArray());
}
