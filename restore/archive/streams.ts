import { createHash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';

/** Passes bytes on and keeps their count and SHA-256. */
export class DigestStream extends Transform {
  readonly #hash = createHash('sha256');
  readonly #onBytes: (total: number) => void;
  bytes = 0;

  constructor(onBytes: (total: number) => void = () => undefined) {
    super({ highWaterMark: 1 << 20 });
    this.#onBytes = onBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    this.#onBytes(this.bytes);
    done(null, chunk);
  }

  /** Hex; only after the end. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Collects a tool's standard error. */
export function collectText(stream: Readable): { text: string } {
  const collected = { text: '' };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    collected.text += text;
  });
  return collected;
}
