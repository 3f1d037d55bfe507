import { SeekableError } from './error.ts';

const pageSize = 64 << 10;

/** Of streams that have ended. The garbage collector may take them; if it did not, the next stream does. */
const idle: WeakRef<SharedArrayBuffer>[] = [];

/**
 * Memory of at least `size` bytes that threads can share. Its content is anything.
 * @throws SeekableError too-large when there is not so much
 */
export function takeBuffer(size: number): SharedArrayBuffer {
  for (let at = idle.length - 1; at >= 0; at -= 1) {
    const buffer = idle[at]?.deref();
    const fits = buffer && buffer.byteLength >= size && buffer.byteLength <= 2 * size;
    if (buffer && !fits) continue;
    idle.splice(at, 1);
    if (buffer) return buffer;
  }
  try {
    return new SharedArrayBuffer(Math.ceil(size / pageSize) * pageSize);
  } catch (cause) {
    throw new SeekableError('too-large', `no memory for a frame of ${size} bytes`, { cause });
  }
}

/**
 * Archives follow one another, and unused shared memory is only freed when the garbage collector comes to it:
 * without this, two streams' buffers are there at a time.
 */
export function giveBuffers(buffers: readonly SharedArrayBuffer[]): void {
  for (const buffer of buffers) if (buffer.byteLength > 0) idle.push(new WeakRef(buffer));
}
