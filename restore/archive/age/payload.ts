import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { AgeError } from './failure.ts';

// The payload of an age file: a nonce of 16 bytes, then STREAM chunks (C2SP age.md, "Payload").
/** Plaintext bytes of every chunk but the last, which has fewer or as many. */
export const chunkSize = 64 * 1024;
export const tagSize = 16;
export const sealedChunkSize = chunkSize + tagSize;
export const payloadNonceSize = 16;

/** Bytes of the payload (nonce and chunks, no header) that hold `plaintextSize` bytes. */
export function payloadSize(plaintextSize: number): number {
  return payloadNonceSize + plaintextSize + tagSize * Math.max(1, Math.ceil(plaintextSize / chunkSize));
}

/** Encrypts and decrypts the chunks of one file. */
export class PayloadCipher {
  readonly #key: KeyObject;
  readonly #nonce = Buffer.alloc(12);

  constructor(fileKey: Uint8Array, nonce: Uint8Array) {
    this.#key = createSecretKey(new Uint8Array(hkdfSync('sha256', fileKey, nonce, 'payload', 32)));
  }

  /** 11 bytes of big endian counter, one that marks the last chunk. Six bytes of counter are 2^64 bytes of payload. */
  #nonceOf(index: number, last: boolean): Buffer {
    this.#nonce.writeUIntBE(index, 5, 6);
    this.#nonce[11] = last ? 1 : 0;
    return this.#nonce;
  }

  /** Ciphertext and tag of a chunk, in two buffers: joining them would copy every byte once more. */
  seal(index: number, last: boolean, chunk: Buffer): [ciphertext: Buffer, tag: Buffer] {
    const cipher = createCipheriv('chacha20-poly1305', this.#key, this.#nonceOf(index, last), {
      authTagLength: tagSize,
    });
    const ciphertext = cipher.update(chunk);
    cipher.final();
    return [ciphertext, cipher.getAuthTag()];
  }

  /** The plaintext of a chunk, null when it is not authentic. */
  open(index: number, last: boolean, sealed: Buffer): Buffer | null {
    const decipher = createDecipheriv('chacha20-poly1305', this.#key, this.#nonceOf(index, last), {
      authTagLength: tagSize,
    });
    decipher.setAuthTag(sealed.subarray(sealed.length - tagSize));
    const chunk = decipher.update(sealed.subarray(0, sealed.length - tagSize));
    try {
      decipher.final();
    } catch {
      return null;
    }
    return chunk;
  }
}

/**
 * Gives the memory of a chunk back that nobody needs any more: the next chunk gets it again, warm. The garbage collector comes
 * once in some thousand chunks, and fresh memory for each until then took longer than the cipher.
 */
export function freeChunk({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}

/** Where a file's payload lies, and what to call the file in messages. */
export interface PayloadPlace {
  name: string;
  /** Bytes before the first chunk: header and nonce. */
  start: number;
}

/** Opens a chunk that is not the last. @throws AgeError damagedChunk */
export function openChunk(cipher: PayloadCipher, place: PayloadPlace, index: number, sealed: Buffer): Buffer {
  return cipher.open(index, false, sealed) ?? damaged(place, index, false);
}

/**
 * Opens what must be the last chunk.
 * @param sealed all bytes from the chunk's beginning to the end of the file
 * @throws AgeError truncated where that is certain; damagedChunk
 */
export function openLastChunk(cipher: PayloadCipher, place: PayloadPlace, index: number, sealed: Buffer): Buffer {
  // Only an empty payload may have an empty chunk.
  if (sealed.length < tagSize || (sealed.length === tagSize && index > 0)) cutOff(place, index, sealed);
  const chunk = cipher.open(index, true, sealed);
  if (chunk) return chunk;
  if (sealed.length === sealedChunkSize && cipher.open(index, false, sealed)) cutOff(place, index, sealed);
  return damaged(place, index, true);
}

function cutOff(place: PayloadPlace, index: number, sealed: Buffer): never {
  const offset = place.start + index * sealedChunkSize + sealed.length;
  throw new AgeError(
    { kind: 'truncated', offset },
    `${place.name} ends after ${offset} bytes, its last part is missing`,
  );
}

function damaged(place: PayloadPlace, chunk: number, last: boolean): never {
  const offset = place.start + chunk * sealedChunkSize;
  const what = last ? 'the last chunk fails its check (changed, or cut off)' : 'a chunk fails its check';
  throw new AgeError(
    { kind: 'damagedChunk', offset, chunk, last },
    `${place.name}: ${what}, at byte ${offset} (byte ${chunk * chunkSize} of the content)`,
  );
}
