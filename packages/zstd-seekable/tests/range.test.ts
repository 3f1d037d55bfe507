import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decompressFrames,
  FrameTable,
  memorySource,
  type RandomSource,
  readRange,
  sequentialSource,
} from '../src/index.ts';
import { chunksOf, compressed, joined, mixedBytes } from './fixture.ts';

const frameSize = 1000;
const content = mixedBytes(20 * frameSize + 123, 3);
const { file, table } = await compressed(content, { frameSize, threads: 0 });

/** Notes the offset of each read. */
function noted(): { source: RandomSource; offsets: number[] } {
  const whole = memorySource(file);
  const offsets: number[] = [];
  return {
    offsets,
    source: {
      size: whole.size,
      read(target, position) {
        offsets.push(position);
        return whole.read(target, position);
      },
    },
  };
}

describe('a byte range', () => {
  it('is read from the frames that hold it and no others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length - 1), fc.nat(5 * frameSize), async (offset, most) => {
        const length = Math.min(most, content.length - offset);
        const { source, offsets } = noted();
        const bytes = await joined(readRange(source, table, { offset, length, threads: 0 }));
        expect(bytes.equals(content.subarray(offset, offset + length))).toBe(true);
        const needed = Array.from({ length: table.length }, (_, index) => table.place(index)).filter(
          (place) =>
            length > 0 &&
            place.uncompressedOffset < offset + length &&
            place.uncompressedOffset + place.uncompressedSize > offset,
        );
        expect(offsets).toEqual(needed.map((place) => place.offset));
      }),
    );
  });

  it('of many frames is read by threads', async () => {
    const bytes = await joined(readRange(noted().source, table, { offset: 1, length: content.length - 2 }));
    expect(bytes.equals(content.subarray(1, -1))).toBe(true);
  });

  it('beyond the end is refused, and a damaged frame in it stops it', async () => {
    const { source } = noted();
    const beyond = joined(readRange(source, table, { offset: content.length - 1, length: 2 }));
    await expect(beyond).rejects.toMatchObject({ reason: 'out-of-range' });
    const negative = joined(readRange(source, table, { offset: -1, length: 2 }));
    await expect(negative).rejects.toMatchObject({ reason: 'out-of-range' });
    const damaged = Buffer.from(file);
    damaged.fill(0xff, table.place(3).offset + 50, table.place(3).offset + 60);
    const around = readRange(memorySource(damaged), table, { offset: 2 * frameSize, length: frameSize });
    expect((await joined(around)).length).toBe(frameSize);
    const within = joined(readRange(memorySource(damaged), table, { offset: 3 * frameSize - 1, length: 2 }));
    await expect(within).rejects.toMatchObject({ reason: 'damaged-frame', damage: { index: 3 } });
  });
});

describe('starting at a frame', () => {
  it('reads nothing before it', async () => {
    const { source, offsets } = noted();
    const bytes = await joined(decompressFrames(source, table, { from: 5, to: 7 }));
    expect(bytes.equals(content.subarray(5 * frameSize, 7 * frameSize))).toBe(true);
    expect(offsets).toEqual([table.place(5).offset, table.place(6).offset]);
  });

  it('a stream may begin at any frame, and is skipped up to the one wanted', async () => {
    const chunks = chunksOf(file.subarray(table.place(4).offset), [333]);
    const bytes = await joined(decompressFrames(sequentialSource(chunks, 4), table, { from: 6 }));
    expect(bytes.equals(content.subarray(6 * frameSize))).toBe(true);
    const later = joined(decompressFrames(sequentialSource([file], 4), table, { from: 3 }));
    await expect(later).rejects.toMatchObject({ reason: 'out-of-range' });
    const whole = await joined(
      decompressFrames(sequentialSource(chunksOf(file.subarray(table.place(4).offset)), 4), table),
    );
    expect(whole.equals(content.subarray(4 * frameSize))).toBe(true);
  });
});

describe('the frame table', () => {
  it('finds the frame of each byte, past empty frames', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const sparse = new FrameTable();
        for (const uncompressedSize of sizes) sparse.append({ compressedSize: 9, uncompressedSize });
        const owners = sizes.flatMap((size, index) => Array.from({ length: size }, () => index));
        expect(owners.map((_, position) => sparse.frameAt(position))).toEqual(owners);
        expect(() => sparse.frameAt(owners.length)).toThrow('there is no byte');
      }),
    );
  });

  it('keeps what it was given while it grows, and takes no frames of two kinds', () => {
    const grown = new FrameTable(1);
    const digest = (index: number): Buffer => Buffer.alloc(32, index);
    for (let index = 0; index < 300; index += 1)
      grown.append({ compressedSize: index, uncompressedSize: 2 * index, sha256: digest(index) });
    expect(grown.frame(299)).toEqual({
      index: 299,
      offset: (298 * 299) / 2,
      compressedSize: 299,
      uncompressedOffset: 298 * 299,
      uncompressedSize: 598,
      sha256: new Uint8Array(digest(299)),
    });
    expect(grown.frame(17).sha256).toEqual(new Uint8Array(digest(17)));
    expect(() => grown.append({ compressedSize: 1, uncompressedSize: 1 })).toThrow(TypeError);
    expect(() => grown.frame(300)).toThrow('there is no frame 300');
  });
});
