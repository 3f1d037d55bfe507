import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compressFrames, decompressFrames, memorySource, readSeekTable } from '../src/index.ts';
import { chunksOf, collect, compressed, hex, joined, mixedBytes, sha256, zstd } from './fixture.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'zstd-seekable-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const frameSize = 1024;
/** Where frames begin and end is where things go wrong. */
const sizes = fc.oneof(
  fc.constantFrom(0, 1, frameSize - 1, frameSize, frameSize + 1, 2 * frameSize - 1, 2 * frameSize, 50 * frameSize),
  fc.integer({ min: 0, max: 20 * frameSize }),
);

describe('compressing', () => {
  it('[B7] gives back what went in, by our own reader and by zstd -d, whatever the size and the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 1, 3),
        fc.integer(),
        async (size, chunkSizes, threads, seed) => {
          const content = mixedBytes(size, seed);
          const { file, table } = await compressed(content, { frameSize, threads }, chunkSizes);
          expect(table.length).toBe(Math.ceil(size / frameSize));
          expect(table.uncompressedSize).toBe(size);
          expect((await joined(decompressFrames(memorySource(file), table, { threads }))).equals(content)).toBe(true);
          expect(zstd(['-dc'], file).equals(content)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('reads into its own memory where the input can do that, and closes it', async () => {
    const content = mixedBytes(3 * frameSize + 5);
    let at = 0;
    let closed = 0;
    const reader = {
      async read(target: Uint8Array): Promise<number> {
        const part = content.subarray(at, at + target.length);
        target.set(part);
        at += part.length;
        return part.length;
      },
      close: () => {
        closed += 1;
      },
    };
    const frames: Buffer[] = [];
    for await (const { data } of compressFrames(reader, { frameSize, threads: 2 })) frames.push(Buffer.from(data));
    expect(frames).toHaveLength(4);
    expect(zstd(['-dc'], Buffer.concat(frames)).equals(content)).toBe(true);
    expect(closed).toBe(1);
  });

  it('makes files that zstd -t and zstd -l accept, the empty one too', async () => {
    for (const size of [0, 1, 3 * frameSize + 5]) {
      const { file, table } = await compressed(mixedBytes(size), { frameSize });
      const path = join(directory, `${size}.zst`);
      writeFileSync(path, file);
      execFileSync('zstd', ['-q', '-t', path], { stdio: 'pipe' });
      const listed = execFileSync('zstd', ['-lv', path], { encoding: 'utf8', stdio: 'pipe' });
      expect(listed).toContain(`# Zstandard Frames: ${table.length}`);
      expect(listed).toContain('# Skippable Frames: 1');
      expect(listed).toContain(`Decompressed Size: ${size < 1000 ? `${size} B` : '3.00 KiB'} (${size} B)`);
      expect(listed).toContain(size === 0 ? 'Check: None' : 'Check: XXH64');
    }
  });

  it('describes each frame: place, sizes, digests of both sides, the checksum that zstd itself has', async () => {
    const content = mixedBytes(5 * frameSize + 7);
    let offset = 0;
    const generator = compressFrames(chunksOf(content), { frameSize });
    for (let index = 0; ; index += 1) {
      const { done, value } = await generator.next();
      if (done) {
        expect(value).toEqual({ frames: 6, compressedSize: offset, uncompressedSize: content.length });
        break;
      }
      const data = Buffer.from(value.data);
      const part = content.subarray(index * frameSize, (index + 1) * frameSize);
      expect(value).toMatchObject({
        index,
        offset,
        compressedSize: data.length,
        uncompressedOffset: index * frameSize,
      });
      expect(value.uncompressedSize).toBe(part.length);
      expect(hex(value.sha256)).toBe(sha256(data));
      expect(hex(value.contentSha256)).toBe(sha256(part));
      expect(value.checksum).toBe(data.readUInt32LE(data.length - 4));
      expect(zstd(['-dc'], data).equals(part)).toBe(true);
      offset += data.length;
    }
  });

  it('gives frames in order although some take far longer than others', async () => {
    // Zeros are compressed at once, words are not: with three threads, later frames are done before earlier ones.
    const content = Buffer.concat(
      Array.from({ length: 24 }, (_, index) => (index % 2 === 0 ? mixedBytes(1 << 20, index) : Buffer.alloc(1 << 20))),
    );
    const { file, table } = await compressed(content, { frameSize: 1 << 20, threads: 3, level: 9 });
    expect(zstd(['-dc'], file).equals(content)).toBe(true);
    const read = await readSeekTable(memorySource(file));
    expect(Array.from({ length: read.length }, (_, index) => read.place(index))).toEqual(
      Array.from({ length: table.length }, (_, index) => table.place(index)),
    );
  });

  it('gives the same frames with the direct way into zlib and with its documented calls', async () => {
    const content = mixedBytes(700_000);
    for (const level of [1, 3, 19]) {
      const direct = await compressed(content, { frameSize: 100_000, level, threads: 2 });
      const documented = await compressed(content, { frameSize: 100_000, level, threads: 2, direct: false });
      expect(direct.file.equals(documented.file)).toBe(true);
      const options = { threads: 2, direct: false };
      const back = await joined(decompressFrames(memorySource(direct.file), direct.table, options));
      expect(back.equals(content)).toBe(true);
    }
  });

  it('[B7] is about as small as zstd -3 at the default level', async () => {
    const content = execFileSync('tar', ['-cf', '-', '-C', '/usr/lib', 'python3'], { maxBuffer: 1 << 28 });
    const { file } = await compressed(content.subarray(0, 16 << 20));
    expect(file.length).toBeLessThan(1.03 * zstd(['-3', '-c'], content.subarray(0, 16 << 20)).length);
  });

  it('refuses levels and frame sizes that zstd does not have', async () => {
    await expect(collect(compressFrames([], { level: 23 }))).rejects.toThrow(RangeError);
    await expect(collect(compressFrames([], { frameSize: 0 }))).rejects.toThrow(RangeError);
    await expect(collect(compressFrames([], { frameSize: 2 ** 31 }))).rejects.toThrow(RangeError);
  });
});
