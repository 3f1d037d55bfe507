import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decompressFrames,
  encodeSeekTable,
  type FrameEntry,
  FrameTable,
  fileSource,
  memorySource,
  readSeekTable,
  SeekableError,
  verifyFrames,
} from '../src/index.ts';
import { collect, compressed, joined, mixedBytes, zstd } from './fixture.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'seek-table-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const size = fc.integer({ min: 0, max: 0xffffffff });

function tableOf(entries: FrameEntry[]): FrameTable {
  const table = new FrameTable(1);
  for (const entry of entries) table.append(entry);
  return table;
}

/** A file of which only the end is there: frames are a hole. */
async function readSparse(bytes: Uint8Array, holeSize: number): Promise<FrameTable> {
  const source = memorySource(bytes);
  return readSeekTable({
    size: holeSize + bytes.length,
    read: async (target, position) => (position < holeSize ? 0 : source.read(target, position - holeSize)),
  });
}

async function refusal(bytes: Uint8Array): Promise<[string, number | undefined]> {
  try {
    await readSeekTable(memorySource(bytes));
  } catch (error) {
    if (error instanceof SeekableError) return [error.reason, error.offset];
    throw error;
  }
  throw new Error('it was read');
}

describe('the seek table', () => {
  it('is read as it was written, with checksums or without', async () => {
    const entries = (withChecksum: boolean) =>
      fc.array(
        fc.record({
          compressedSize: size,
          uncompressedSize: size,
          ...(withChecksum && { checksum: size }),
        }),
        { maxLength: 200 },
      );
    await fc.assert(
      fc.asyncProperty(fc.oneof(entries(false), entries(true)), async (list) => {
        const table = tableOf(list);
        const read = await readSparse(encodeSeekTable(table), table.compressedSize);
        expect(Array.from({ length: read.length }, (_, index) => read.place(index))).toMatchObject(list);
        expect([read.compressedSize, read.uncompressedSize]).toEqual([table.compressedSize, table.uncompressedSize]);
      }),
    );
  });

  it('stands byte for byte as the format says', () => {
    const table = tableOf([{ compressedSize: 0x11, uncompressedSize: 0x2233, checksum: 0x44556677 }]);
    expect(Buffer.from(encodeSeekTable(table)).toString('hex')).toBe(
      ['5e2a4d18', '15000000', '11000000', '33220000', '77665544', '01000000', '80', 'b1ea928f'].join(''),
    );
  });

  it('that was damaged is refused, with the place', async () => {
    const { file, table } = await compressed(mixedBytes(3000), { frameSize: 1000 });
    const begin = table.compressedSize;
    const change = (offset: number, value: number): Buffer => {
      const copy = Buffer.from(file);
      copy.writeUInt32LE(value, offset);
      return copy;
    };
    expect(await refusal(change(begin, 0x184d2a5d))).toEqual(['corrupt-seek-table', begin]);
    expect(await refusal(change(begin + 4, 44))).toEqual(['corrupt-seek-table', begin + 4]);
    expect(await refusal(change(begin + 8, 999))).toEqual(['corrupt-seek-table', begin]);
    expect(await refusal(change(file.length - 9, 2))).toEqual(['corrupt-seek-table', begin + 12]);
    expect(await refusal(change(file.length - 9, 0xffffffff))).toEqual(['corrupt-seek-table', file.length - 9]);
    expect(await refusal(change(file.length - 4, 0))).toEqual(['no-seek-table', file.length - 4]);
    file[file.length - 5] = 0x84;
    expect(await refusal(file)).toEqual(['unsupported-seek-table', file.length - 5]);
  });

  it('of a million frames takes little memory', async () => {
    const path = join(directory, 'million.zst');
    const frames = 1_000_000;
    const table = new FrameTable(frames);
    for (let index = 0; index < frames; index += 1)
      table.append({ compressedSize: 1_000_000 + (index % 1000), uncompressedSize: 4 << 20, checksum: index });
    const descriptor = openSync(path, 'w');
    ftruncateSync(descriptor, table.compressedSize);
    writeSync(descriptor, encodeSeekTable(table), 0, undefined, table.compressedSize);
    closeSync(descriptor);
    const script = join(import.meta.dirname, 'fixtures/read-table.ts');
    const { stdout } = spawnSync(process.execPath, ['--expose-gc', script, path], { encoding: 'utf8' });
    const { length, last, growth } = JSON.parse(stdout);
    expect(length).toBe(frames);
    expect(last).toEqual(table.place(frames - 1));
    expect(growth).toBeLessThan(64 << 20);
  });
});

describe('files of others', () => {
  it('are read: frames without size and checksum, skippable frames, no checksums in the table', async () => {
    const parts = [mixedBytes(5000, 1), mixedBytes(70_000, 2), Buffer.alloc(0)];
    const skippable = Buffer.from('502a4d1804000000abcdabcd', 'hex');
    const frames = [...parts.map((part) => zstd(['-c', '--no-check', '--no-content-size'], part)), skippable];
    const table = tableOf(
      frames.map((frame, index) => ({ compressedSize: frame.length, uncompressedSize: parts[index]?.length ?? 0 })),
    );
    const source = memorySource(Buffer.concat([...frames, encodeSeekTable(table)]));
    const read = await readSeekTable(source);
    expect(await collect(verifyFrames(source, read))).toEqual([]);
    expect((await joined(decompressFrames(source, read))).equals(Buffer.concat(parts))).toBe(true);
    const documented = decompressFrames(source, read, { direct: false });
    expect((await joined(documented)).equals(Buffer.concat(parts))).toBe(true);
  });

  it('may hold frames of more or fewer bytes than their table says: those are damaged', async () => {
    const frame = zstd(['-c', '--no-check', '--no-content-size'], mixedBytes(5000));
    for (const uncompressedSize of [4999, 5001, 0, 1 << 20]) {
      const table = tableOf([{ compressedSize: frame.length, uncompressedSize }]);
      for (const direct of [true, false]) {
        const damaged = await collect(verifyFrames(memorySource(frame), table, { direct }));
        expect(damaged).toMatchObject([{ index: 0, reason: 'content' }]);
      }
    }
    const two = zstd(['-c'], mixedBytes(500));
    const joinedFrames = Buffer.concat([two, two]);
    const table = tableOf([{ compressedSize: joinedFrames.length, uncompressedSize: 1000 }]);
    const damaged = await collect(verifyFrames(memorySource(joinedFrames), table));
    expect(damaged).toMatchObject([{ reason: 'structure' }]);
  });

  it('with frames that no buffer should be made for: those are damaged', async () => {
    const table = tableOf([{ compressedSize: 100, uncompressedSize: 0xffffffff }]);
    const damaged = await collect(verifyFrames(memorySource(Buffer.alloc(100)), table));
    expect(damaged).toMatchObject([{ reason: 'structure', uncompressedSize: 0xffffffff }]);
  });

  it('on a disk are read from an open file', async () => {
    const content = mixedBytes(100_000);
    const { file } = await compressed(content, { frameSize: 10_000 });
    const path = join(directory, 'open.zst');
    execFileSync('tee', [path], { input: file, stdio: ['pipe', 'ignore', 'inherit'] });
    await using handle = await open(path);
    const source = await fileSource(handle);
    const table = await readSeekTable(source);
    expect((await joined(decompressFrames(source, table, { threads: 2 }))).equals(content)).toBe(true);
  });
});
