import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkSeekTable,
  decompressFrames,
  decompressPastDamage,
  type FrameDamage,
  type FrameSource,
  FrameTable,
  memorySource,
  type RandomSource,
  readSeekTable,
  SeekableError,
  sequentialSource,
  verifyFrames,
} from '../src/index.ts';
import { type Compressed, chunksOf, collect, compressed, joined, mixedBytes } from './fixture.ts';

const frameSize = 70;
const small = await compressed(mixedBytes(3 * frameSize + 17, 7), { frameSize, threads: 0 });

/** In the calling thread: hundreds of files are verified here. */
function verify(source: FrameSource, table: FrameTable): Promise<FrameDamage[]> {
  return collect(verifyFrames(source, table, { threads: 0 }));
}

function changed(file: Buffer, offset: number, mask: number): Buffer {
  const copy = Buffer.from(file);
  copy[offset] = (copy[offset] ?? 0) ^ mask;
  return copy;
}

/** Each byte with one bit flipped (another one from byte to byte), and with all of them. */
function* eachFlip(file: Buffer): Generator<{ offset: number; source: RandomSource }> {
  for (let offset = 0; offset < file.length; offset += 1)
    for (const mask of [1 << (offset % 8), 0xff]) yield { offset, source: memorySource(changed(file, offset, mask)) };
}

/** The frame that byte `offset` of the file is in; the table's length for the seek table. */
function frameOf(table: FrameTable, offset: number): number {
  for (let index = 0; index < table.length; index += 1) {
    const place = table.place(index);
    if (offset < place.offset + place.compressedSize) return index;
  }
  return table.length;
}

function failure(error: unknown): SeekableError {
  if (error instanceof SeekableError) return error;
  throw error;
}

/** `broken` gives its bytes with an error where they are touched, as a scratched disc does. */
function scratched(file: Buffer, from: number, to: number): RandomSource {
  const whole = memorySource(file);
  return {
    size: file.length,
    async read(target, position) {
      if (position < to && position + target.length > from) throw new Error('EIO: i/o error, read');
      return whole.read(target, position);
    },
  };
}

describe('verify', () => {
  it('[C8] finds each flipped byte of a file, and names the frame that it is in', async () => {
    expect(await verify(memorySource(small.file), small.table)).toEqual([]);
    for (const { offset, source } of eachFlip(small.file)) {
      const frame = frameOf(small.table, offset);
      const damaged = await verify(source, small.table);
      expect(damaged.map(({ index }) => index)).toEqual(frame < small.table.length ? [frame] : []);
      const problem = await checkSeekTable(source, small.table);
      expect(problem?.reason).toBe(frame < small.table.length ? undefined : 'corrupt-seek-table');
    }
  });

  it('without an index, finds each flipped byte that changes what comes out', async () => {
    for (const { source } of eachFlip(small.file)) {
      const table = await readSeekTable(source).catch(failure);
      if (table instanceof SeekableError || (await verify(source, table)).length > 0) continue;
      expect((await joined(decompressFrames(source, table, { threads: 0 }))).equals(small.content)).toBe(true);
    }
  });

  it('[C8] lists all damaged frames, says how, and goes on past them, with threads and from a stream too', async () => {
    const { file, table } = await compressed(mixedBytes(40 * frameSize), { frameSize, threads: 2 });
    const middle = (index: number): number => {
      const { offset, compressedSize } = table.place(index);
      return offset + (compressedSize >>> 1);
    };
    const scarred = [3, 4, 20].reduce((bytes, index) => changed(bytes, middle(index), 0x55), file);
    scarred.fill(0, table.place(30).offset, table.place(31).offset);
    for (const source of [memorySource(scarred), sequentialSource(chunksOf(scarred, [1000, 17]))]) {
      const damaged = await collect(verifyFrames(source, table, { threads: 2 }));
      expect(damaged.map(({ index }) => index)).toEqual([3, 4, 20, 30]);
      expect(damaged[3]).toMatchObject({ offset: table.place(30).offset, reason: 'structure' });
      expect(damaged[3]?.detail).toBe("expected the frame's 0xFD2FB528 and found 0x00000000");
    }
  });

  it('counts what it saw and what is missing', async () => {
    const file = changed(small.file, small.table.place(1).offset + 20, 1);
    const seen: number[] = [];
    const verdicts = verifyFrames(memorySource(file), small.table, { onFrame: ({ index }) => seen.push(index) });
    let turn = await verdicts.next();
    while (!turn.done) turn = await verdicts.next();
    const { compressedSize } = small.table;
    expect(turn.value).toEqual({ frames: 4, damaged: 1, compressedSize, missing: frameSize });
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('[C8] compares the content with the digests taken before it was compressed', async () => {
    const table = new FrameTable();
    for (let index = 0; index < small.table.length; index += 1) {
      const frame = small.table.frame(index);
      table.append(index === 2 ? { ...frame, contentSha256: Buffer.alloc(32, 9) } : frame);
    }
    const source = memorySource(small.file);
    expect(await verify(source, table)).toMatchObject([{ index: 2, reason: 'content-digest' }]);
    expect(await collect(verifyFrames(source, table, { content: false }))).toEqual([]);
  });

  it('can check digests alone, but not nothing', async () => {
    const source = memorySource(changed(small.file, 20, 1));
    const damaged = await collect(verifyFrames(source, small.table, { decompress: false }));
    expect(damaged).toMatchObject([{ index: 0, reason: 'digest' }]);
    const plain = await readSeekTable(memorySource(small.file));
    await expect(collect(verifyFrames(source, plain, { decompress: false }))).rejects.toThrow(TypeError);
  });
});

describe('any damage', () => {
  it('gives records or a SeekableError, and never other bytes', async () => {
    const { file, table, content } = await compressed(mixedBytes(5000, 11), { frameSize: 700, threads: 0 });
    const byte = fc.record({ at: fc.nat(file.length - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(byte, { minLength: 1, maxLength: 8 }), fc.boolean(), async (changes, fromIndex) => {
        const copy = Buffer.from(file);
        for (const { at, value } of changes) copy[at] = value;
        const source = memorySource(copy);
        const known = fromIndex ? table : await readSeekTable(source).catch(failure);
        if (known instanceof SeekableError) return;
        const damaged = new Set((await verify(source, known)).map(({ index }) => index));
        for await (const piece of decompressPastDamage(source, known, { threads: 0 })) {
          const { index } = piece.place;
          const { uncompressedOffset, uncompressedSize } = table.place(index); // the file's own table may be wrong
          expect('damage' in piece).toBe(damaged.has(index));
          const expected = content.subarray(uncompressedOffset, uncompressedOffset + uncompressedSize);
          if ('data' in piece) expect(expected.equals(piece.data)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a truncated file', () => {
  /** Which frames end behind `size`. */
  const cut = ({ table }: Compressed, size: number): number[] =>
    Array.from({ length: table.length }, (_, index) => table.place(index))
      .filter(({ offset, compressedSize }) => offset + compressedSize > size)
      .map(({ index }) => index);

  it('has its whole frames verified and the others listed, wherever it was cut', async () => {
    for (let size = 0; size < small.file.length; size += 1) {
      const file = small.file.subarray(0, size);
      for (const source of [memorySource(file), sequentialSource([file])]) {
        const damaged = await verify(source, small.table);
        expect(damaged.map(({ index }) => index)).toEqual(cut(small, size));
        expect(damaged.every(({ reason }) => reason === 'truncated')).toBe(true);
      }
      const error = await readSeekTable(memorySource(file)).then(() => undefined, failure);
      expect(error?.reason).toBe('no-seek-table');
    }
  });

  it('is told from a file of another kind', async () => {
    const table = await readSeekTable(memorySource(small.file.subarray(0, 90))).catch(failure);
    expect(table).toMatchObject({ reason: 'no-seek-table', offset: 86 });
    expect(String(table)).toContain('a zstd file that was cut');
    const tar = await readSeekTable(memorySource(Buffer.alloc(90, 'x'))).catch(failure);
    expect(String(tar)).toContain('expected 0x8F92EAB1 at offset 86, where the file ends, and found 0x78787878');
    expect(String(tar)).toContain('no zstd file, it begins with 0x78787878');
  });
});

describe('decompressing what is damaged', () => {
  it('stops with the frame and its place', async () => {
    const { offset } = small.table.place(2);
    const source = memorySource(changed(small.file, offset + 15, 1));
    const error = await joined(decompressFrames(source, small.table)).then(() => undefined, failure);
    expect(error).toMatchObject({ reason: 'damaged-frame', offset, damage: { index: 2, reason: 'digest' } });
  });

  it('goes on past damage when asked, and says which bytes are missing', async () => {
    const { offset, compressedSize } = small.table.place(1);
    const pieces: Buffer[] = [];
    const missing: [number, number, unknown][] = [];
    const source = scratched(small.file, offset + 5, offset + compressedSize - 5);
    for await (const piece of decompressPastDamage(source, small.table)) {
      if ('data' in piece) pieces.push(Buffer.from(piece.data));
      else missing.push([piece.damage.uncompressedOffset, piece.damage.uncompressedSize, piece.damage.cause]);
    }
    expect(missing).toEqual([[frameSize, frameSize, new Error('EIO: i/o error, read')]]);
    const { content } = small;
    expect(
      Buffer.concat(pieces).equals(Buffer.concat([content.subarray(0, frameSize), content.subarray(2 * frameSize)])),
    ).toBe(true);
  });

  it('a stream that fails takes all frames from there on with it', async () => {
    const stream = (async function* () {
      yield small.file.subarray(0, small.table.place(1).offset + 3);
      throw new Error('EIO: the tape tore');
    })();
    const damaged = await verify(sequentialSource(stream), small.table);
    expect(damaged.map(({ index, reason }) => [index, reason])).toEqual(
      [1, 2, 3].map((index) => [index, 'unreadable']),
    );
  });
});
