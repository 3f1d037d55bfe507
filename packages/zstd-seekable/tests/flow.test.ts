import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  compressFrames,
  decompressFrames,
  memorySource,
  prepareThreads,
  sequentialSource,
  verifyFrames,
  writeSeekable,
} from '../src/index.ts';
import { chunksOf, codecThreads, collect, compressed, mixedBytes } from './fixture.ts';

const frameSize = 64 << 10;
const threads = 2;
/** At work or done: one per thread and three more, and one in our hands. Read and waiting for an output buffer: one. */
const mostInFlight = threads + 5;

/** An input that counts what was taken of it. One chunk is one frame. */
function countedInput(frames: number): { taken: () => number; chunks: AsyncIterable<Buffer> } {
  let taken = 0;
  async function* give(): AsyncGenerator<Buffer> {
    while (taken < frames) {
      taken += 1;
      yield mixedBytes(frameSize, taken);
    }
  }
  return { taken: () => taken, chunks: give() };
}

/** Waits until `value` stays the same for a while: as far as things go without us. */
async function settled(value: () => number): Promise<number> {
  for (let last = -1, same = 0; ; ) {
    const now = value();
    same = now === last ? same + 1 : 0;
    last = now;
    if (same === 15) return now;
    await sleep(20);
  }
}

/** Those of a stream that came to its end wait for another one, but not for long. */
async function noThreadIsLeft(): Promise<void> {
  await expect.poll(codecThreads, { timeout: 20_000 }).toBe(0);
}

describe('threads', () => {
  const text = [mixedBytes(20 * frameSize)];

  it('serve the streams that follow, and go when none does', async () => {
    await collect(compressFrames(text, { frameSize, threads }));
    const file = await compressed(mixedBytes(20 * frameSize), { frameSize, threads });
    expect(codecThreads()).toBe(threads);
    expect(await collect(verifyFrames(memorySource(file.file), file.table, { threads }))).toEqual([]);
    expect(codecThreads()).toBe(threads);
    await noThreadIsLeft();
  });

  it('of streams at the same time are each their own', async () => {
    const both = [1, 2].map(() => collect(compressFrames(text, { frameSize, threads })));
    const [one, other] = await Promise.all(both);
    expect(one?.map(({ sha256 }) => sha256)).toEqual(other?.map(({ sha256 }) => sha256));
    expect(codecThreads()).toBe(2 * threads);
    await noThreadIsLeft();
  });

  it('can be made ready beforehand, no more than there are frames', async () => {
    prepareThreads(1, { threads });
    await expect.poll(codecThreads).toBe(1);
    prepareThreads(100, { threads });
    await expect.poll(codecThreads).toBe(threads);
    expect(await collect(compressFrames(text, { frameSize, threads }))).toHaveLength(20);
    expect(codecThreads()).toBe(threads);
    await noThreadIsLeft();
  });
});

describe('back-pressure', () => {
  it('[B7] a consumer that stops holds the input back', async () => {
    const input = countedInput(100);
    const frames = compressFrames(input.chunks, { frameSize, threads });
    await frames.next();
    const taken = await settled(input.taken);
    expect(taken).toBeLessThanOrEqual(mostInFlight);
    expect(taken).toBeGreaterThan(threads); // it works ahead, too
    await frames.next();
    expect(await settled(input.taken)).toBe(taken + 1);
    await frames.return({ frames: 0, compressedSize: 0, uncompressedSize: 0 });
    await noThreadIsLeft();
  });

  it('a slow Writable holds the input back', async () => {
    const input = countedInput(40);
    let written = 0;
    let most = 0;
    const output = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        most = Math.max(most, input.taken() - written);
        written += 1;
        setTimeout(done, 3);
      },
    });
    const { table } = await writeSeekable(input.chunks, output, { frameSize, threads });
    expect(table.length).toBe(40);
    expect(most).toBeLessThanOrEqual(mostInFlight);
  });

  it('a consumer of decompressed frames that stops holds the source back', async () => {
    const { file, table } = await compressed(mixedBytes(100 * frameSize), { frameSize, threads });
    let taken = 0;
    const source = memorySource(file);
    const counted = {
      size: source.size,
      read(target: Uint8Array, position: number) {
        taken += 1;
        return source.read(target, position);
      },
    };
    const frames = decompressFrames(counted, table, { threads });
    await frames.next();
    expect(await settled(() => taken)).toBeLessThanOrEqual(mostInFlight);
    await frames.return();
  });

  it('memory bounds the frames in flight, and one frame always fits', async () => {
    const input = countedInput(20);
    const frames = compressFrames(input.chunks, { frameSize, threads, memory: 1 });
    await frames.next();
    expect(await settled(input.taken)).toBeLessThanOrEqual(3);
    expect(await collect(frames)).toHaveLength(19);
  });
});

describe('stopping', () => {
  it('an aborted signal throws its reason, destroys the input and leaves no thread', async () => {
    const reason = new Error('the user pressed Esc');
    const stop = new AbortController();
    const input = Readable.from(chunksOf(mixedBytes(200 * frameSize)));
    const run = async (): Promise<void> => {
      for await (const { index } of compressFrames(input, { frameSize, threads, signal: stop.signal }))
        if (index === 3) stop.abort(reason);
    };
    await expect(run()).rejects.toBe(reason);
    expect(input.destroyed).toBe(true);
    await noThreadIsLeft();
  });

  it('also while the input gives nothing', async () => {
    const stop = new AbortController();
    const input = new Readable({ read: () => undefined });
    input.push(mixedBytes(3 * frameSize));
    const frames = compressFrames(input, { frameSize, threads, signal: stop.signal });
    for (let index = 0; index < 3; index += 1) await frames.next();
    const next = frames.next();
    stop.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    expect(input.destroyed).toBe(true);
    await noThreadIsLeft();
  });

  it('also while the consumer is at work on a frame, for longer than the threads take to end', async () => {
    const stop = new AbortController();
    const input = Readable.from(chunksOf(mixedBytes(50 * frameSize)));
    const frames = compressFrames(input, { frameSize, threads, signal: stop.signal });
    await frames.next();
    stop.abort(new Error('enough'));
    await noThreadIsLeft();
    await expect(frames.next()).rejects.toThrow('enough');
  }, 20_000);

  it('also while the output takes nothing', async () => {
    const stop = new AbortController();
    const output = new Writable({ write: () => stop.abort(new Error('enough')) });
    const file = writeSeekable([mixedBytes(3 * frameSize)], output, { frameSize, threads, signal: stop.signal });
    await expect(file).rejects.toThrow('enough');
    await noThreadIsLeft();
  });

  it('also before it began, and while decompressing', async () => {
    const { file, table } = await compressed(mixedBytes(50 * frameSize), { frameSize });
    const signal = AbortSignal.abort(new Error('never'));
    await expect(collect(compressFrames([file], { signal }))).rejects.toThrow('never');
    const stop = new AbortController();
    const frames = decompressFrames(memorySource(file), table, { threads, signal: stop.signal });
    await frames.next();
    stop.abort(new Error('enough'));
    await expect(frames.next()).rejects.toThrow('enough');
    await noThreadIsLeft();
  });

  it('a consumer that stops early destroys the input and leaves no thread', async () => {
    const input = Readable.from(chunksOf(mixedBytes(50 * frameSize)));
    for await (const { index } of compressFrames(input, { frameSize, threads })) if (index === 2) break;
    expect(input.destroyed).toBe(true);
    const { file, table } = await compressed(mixedBytes(50 * frameSize), { frameSize });
    const stream = Readable.from(chunksOf(file));
    for await (const { place } of decompressFrames(sequentialSource(stream), table)) if (place.index === 2) break;
    expect(stream.destroyed).toBe(true);
    await noThreadIsLeft();
  });
});

describe('errors of others', () => {
  it("the input's own error comes out, after the whole frames before it", async () => {
    const broken = new Error('EIO: tar was killed');
    const input = (async function* () {
      yield mixedBytes(2 * frameSize + 10);
      throw broken;
    })();
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const { index } of compressFrames(input, { frameSize, threads })) seen.push(index);
    };
    await expect(run()).rejects.toBe(broken);
    expect(seen).toEqual([0, 1]);
    await noThreadIsLeft();
  });

  it('an input of text or objects is refused', async () => {
    const input = Readable.from(['text']);
    await expect(collect(compressFrames(input, { frameSize }))).rejects.toThrow('must give bytes');
  });

  it("the output's error comes out and stops the input", async () => {
    const input = Readable.from(chunksOf(mixedBytes(50 * frameSize)));
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('ENOSPC')) });
    await expect(writeSeekable(input, output, { frameSize, threads })).rejects.toThrow('ENOSPC');
    expect(input.destroyed).toBe(true);
    await noThreadIsLeft();
  });
});
