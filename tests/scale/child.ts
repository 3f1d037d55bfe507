// A process of its own, so that its peak memory is its own: save SOURCE WORK | verify FILE COPIES | frames FILE COUNT | frames-verify FILE | frames-table FILE.
import { createCipheriv } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkSeekTable,
  compressFrames,
  encodeSeekTable,
  FrameTable,
  fileSource,
  readSeekTable,
  verifyFrames,
  writeAll,
} from '@rekindle/zstd-seekable';
import { frameMemory } from '../../restore/archive/frame-memory.ts';
import { readFrameTable } from '../../restore/archive/index/frame-table.ts';
import { IndexWriter } from '../../restore/archive/index/index-writer.ts';
import { VolumeWriter } from '../../restore/archive/volumes/volume-writer.ts';
import { writeArchive } from '../../restore/archive/write-archive.ts';

const [action = '', first = '', second = ''] = process.argv.slice(2);
const volumeBytes = 512 << 20;
const smallFrame = 1024;

/** When each quarter of `total` was done, in seconds from the start. */
class Quarters {
  readonly #total: number;
  readonly #started = process.hrtime.bigint();
  readonly seconds: number[] = [];

  constructor(total: number) {
    this.#total = total;
  }

  at(done: number): void {
    if (done >= ((this.seconds.length + 1) * this.#total) / 4)
      this.seconds.push(Number(process.hrtime.bigint() - this.#started) / 1e9);
  }
}

/** Really saves a file system; each volume is removed as soon as the next one begins. */
async function save(): Promise<object> {
  let reached = 1;
  const directory = (number: number): string => {
    if (number > reached) rmSync(join(second, `volume-${number - 1}`), { recursive: true, force: true });
    reached = Math.max(reached, number);
    return join(second, `volume-${number}`);
  };
  const volumes = new VolumeWriter({ directory, capacity: () => volumeBytes });
  const quarters = new Quarters(Number(process.argv[5]));
  const archive = await writeArchive({
    source: first,
    mountPoint: '/',
    node: 'disk0:1',
    volumes,
    indexDirectory: join(second, 'indexes'),
    number: 1,
    exclude: [],
    recipients: null,
    onProgress: ({ bytes }) => quarters.at(bytes),
  });
  return { size: archive.size, frames: archive.frames, volumes: volumes.volume, quarters: quarters.seconds };
}

/** Bytes that nothing compresses, the same each time. */
function* noise(bytes: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  const zeros = Buffer.alloc(1 << 20);
  for (let done = 0; done < bytes; done += zeros.length)
    yield cipher.update(zeros.subarray(0, Math.min(zeros.length, bytes - done)));
}

/** Writes an archive of frames of `frameSize` bytes, its table behind it and its index beside. */
async function writeFrames(file: string, bytes: number, frameSize: number): Promise<object> {
  const output = createWriteStream(file);
  const index = new IndexWriter({ path: 'archives/x.idx', file: createWriteStream(`${file}.idx`) });
  const table = new FrameTable();
  for await (const frame of compressFrames(noise(bytes), { frameSize, ...frameMemory() })) {
    await writeAll(output, frame.data);
    const { compressedSize, uncompressedSize } = frame;
    table.append({ compressedSize, uncompressedSize });
    const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');
    const digests = { sha256: hex(frame.sha256), tarSha256: hex(frame.contentSha256) };
    await index.addFrame({
      archiveOffset: frame.offset,
      archiveSize: compressedSize,
      tarSize: uncompressedSize,
      ...digests,
    });
  }
  await writeAll(output, encodeSeekTable(table));
  output.end();
  await index.finish(table.compressedSize);
  return { frames: table.length };
}

/** Verifies an archive that repeats the frames of a file so many times. */
async function verify(): Promise<object> {
  await using handle = await open(first);
  const once = await readFrameTable(createReadStream(`${first}.idx`));
  const copies = Number(second);
  const table = new FrameTable(once.length * copies);
  for (let copy = 0; copy < copies; copy += 1)
    for (let index = 0; index < once.length; index += 1) table.append(once.frame(index));
  const { compressedSize: size } = once;
  const source = {
    size: size * copies,
    async read(target: Uint8Array, position: number): Promise<number> {
      const at = position % size;
      return (await handle.read(target, 0, Math.min(target.length, size - at), at)).bytesRead;
    },
  };
  const quarters = new Quarters(table.uncompressedSize);
  const onFrame = (place: { uncompressedOffset: number; uncompressedSize: number }): void =>
    quarters.at(place.uncompressedOffset + place.uncompressedSize);
  for await (const { detail } of verifyFrames(source, table, { ...frameMemory(), onFrame })) throw new Error(detail);
  return { frames: table.length, quarters: quarters.seconds };
}

/** All that reading an archive looks at of its frames. */
async function verifyManyFrames(): Promise<object> {
  await using handle = await open(first);
  const source = await fileSource(handle);
  const table = await readFrameTable(createReadStream(`${first}.idx`));
  const wrong = await checkSeekTable(source, table);
  if (wrong) throw wrong;
  for await (const { detail } of verifyFrames(source, table, frameMemory())) throw new Error(detail);
  return { frames: table.length };
}

/** What a reader without the index begins with. */
async function readOwnTable(): Promise<object> {
  await using handle = await open(first);
  return { frames: (await readSeekTable(await fileSource(handle))).length };
}

const actions: Record<string, () => Promise<object>> = {
  save,
  verify,
  write: () => writeFrames(first, Number(second), 4 << 20),
  frames: () => writeFrames(first, Number(second) * smallFrame, smallFrame),
  'frames-verify': verifyManyFrames,
  'frames-table': readOwnTable,
};
console.log(JSON.stringify(await actions[action]?.()));
