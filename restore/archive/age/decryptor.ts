import { Transform, type TransformCallback } from 'node:stream';
import { AgeError } from './failure.ts';
import { findHeaderEnd, openHeader } from './header.ts';
import type { AgeIdentity } from './identities.ts';
import {
  openChunk,
  openLastChunk,
  PayloadCipher,
  type PayloadPlace,
  payloadNonceSize,
  sealedChunkSize,
} from './payload.ts';
import { Splitter } from './splitter.ts';

const highWaterMark = 1 << 20;

/**
 * Turns an age file into its plaintext, from beginning to end. Only authentic bytes come out; whether they are all is
 * known at the end: a cut file fails with an error there. Memory as in AgeEncryptor.
 * The stream fails with AgeError.
 */
export class AgeDecryptor extends Transform {
  readonly #identities: readonly AgeIdentity[];
  readonly #name: string;
  readonly #splitter = new Splitter(sealedChunkSize);
  #head = Buffer.alloc(0);
  #payload: { cipher: PayloadCipher; place: PayloadPlace } | null = null;
  #index = 0;

  /** @param name what to call the file in messages */
  constructor(identities: readonly AgeIdentity[], name = 'the encrypted file') {
    super({ highWaterMark });
    this.#identities = identities;
    this.#name = name;
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (!this.#payload) {
      this.#begin(data).then(() => done(), done);
      return;
    }
    try {
      this.#open(data);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }

  async #begin(data: Buffer): Promise<void> {
    this.#head = Buffer.concat([this.#head, data]);
    const end = findHeaderEnd(this.#head, this.#name);
    if (end === null || this.#head.length < end + payloadNonceSize) return;
    const start = end + payloadNonceSize;
    const fileKey = await openHeader(this.#head.subarray(0, end), this.#identities, this.#name);
    const cipher = new PayloadCipher(fileKey, this.#head.subarray(end, start));
    this.#payload = { cipher, place: { name: this.#name, start } };
    this.#open(this.#head.subarray(start));
    this.#head = Buffer.alloc(0);
  }

  #open(data: Buffer): void {
    const { cipher, place } = this.#payload ?? this.#cutOff();
    this.#splitter.add(data, (sealed) => {
      this.push(openChunk(cipher, place, this.#index, sealed));
      this.#index += 1;
    });
  }

  #cutOff(): never {
    const offset = this.#head.length;
    throw new AgeError({ kind: 'truncated', offset }, `${this.#name} ends after ${offset} bytes, inside its header`);
  }

  override _flush(done: TransformCallback): void {
    try {
      const { cipher, place } = this.#payload ?? this.#cutOff();
      const chunk = openLastChunk(cipher, place, this.#index, this.#splitter.rest());
      if (chunk.length > 0) this.push(chunk);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }
}
