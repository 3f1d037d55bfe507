import { SeekableError } from './error.ts';
import { compressBound, defaultFrameSize, patience } from './format.ts';

const pageSize = 64 << 10;
/** Whatever a usual frame needs fits, compressed or not. What of it is not touched takes no memory. */
const usualSize = Math.ceil(compressBound(defaultFrameSize) / pageSize) * pageSize;

/** Of streams that have ended. */
const idle: SharedArrayBuffer[] = [];
let forgetting: NodeJS.Timeout | undefined;

/**
 * Memory of at least `size` bytes that threads can share. Its content is anything.
 * @throws SeekableError too-large when there is not so much
 */
export function takeBuffer(size: number): SharedArrayBuffer {
  const bytes = size > pageSize && size < usualSize ? usualSize : Math.ceil(size / pageSize) * pageSize;
  const at = idle.findIndex(({ byteLength }) => byteLength === bytes);
  const [buffer] = at < 0 ? [] : idle.splice(at, 1);
  if (buffer) return buffer;
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new SeekableError('too-large', `no memory for a frame of ${size} bytes`, { cause });
  }
}

/**
 * Archives follow one another, and shared memory is freed only when the garbage collectors of all threads have come to it: it is
 * kept for the next stream as long as the threads are.
 */
export function giveBuffers(buffers: readonly SharedArrayBuffer[]): void {
  idle.push(...buffers.filter(({ byteLength }) => byteLength > 0));
  clearTimeout(forgetting);
  forgetting = setTimeout(() => idle.splice(0), patience).unref();
}
