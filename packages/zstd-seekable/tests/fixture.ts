import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { type CompressOptions, compressFrames, encodeSeekTable, FrameTable } from '../src/index.ts';

/** The same bytes each time: stretches of words, of noise and of zeros, as in a tar of a system. */
export function mixedBytes(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed >>> 0 || 1;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  for (let at = 0; at < size; ) {
    const end = Math.min(size, at + 1 + (random() % 3000));
    const kind = random() % 3;
    for (; at < end; at += 1) {
      if (kind === 0) bytes[at] = random() & 0xff;
      else if (kind === 1) bytes[at] = 'etc/fstab usr/lib '.charCodeAt((at + (random() % 7)) % 18);
    }
  }
  return bytes;
}

/** Cuts bytes into chunks whose sizes go round in `sizes`. */
export function* chunksOf(bytes: Buffer, sizes: readonly number[] = [65536]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export interface Compressed {
  /** Frames and seek table. */
  file: Buffer;
  /** As an index would have it. */
  table: FrameTable;
  content: Buffer;
}

export async function compressed(
  content: Buffer,
  options: CompressOptions = {},
  chunkSizes?: readonly number[],
): Promise<Compressed> {
  const table = new FrameTable();
  const parts: Uint8Array[] = [];
  for await (const frame of compressFrames(chunksOf(content, chunkSizes), options)) {
    parts.push(Buffer.from(frame.data));
    table.append(frame);
  }
  return { file: Buffer.concat([...parts, encodeSeekTable(table)]), table, content };
}

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(values);
}

/** Copies, because frames share their memory. */
export async function joined(pieces: AsyncIterable<Uint8Array | { data: Uint8Array }>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const piece of pieces) parts.push(Buffer.from('data' in piece ? piece.data : piece));
  return Buffer.concat(parts);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function zstd(args: string[], input: Buffer): Buffer {
  return execFileSync('zstd', ['-q', ...args], { input, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Of this process: the package's threads have this name (`Worker`'s `name`, 15 characters of it). */
export function codecThreads(): number {
  const names = readdirSync('/proc/self/task').map((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim();
    } catch {
      return ''; // it has just ended
    }
  });
  return names.filter((name) => name === 'zstd-seekable').length;
}
