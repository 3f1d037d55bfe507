// A process of its own, so that its peak memory is its own: save SOURCE WORK | verify FILE COPIES | frames WORK COUNT | frames-verify WORK | frames-table WORK.
import { createCipheriv } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import {
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
import { accessAtHand } from '../../restore/archive/open-archive.ts';
import { openSet } from '../../restore/archive/open-set.ts';
import type { Archive, SetFile } from '../../restore/archive/set-schema.ts';
import { directoryStore } from '../../restore/archive/store/directory.ts';
import { verifySet } from '../../restore/archive/verify-set.ts';
import { VolumeWriter } from '../../restore/archive/volumes/volume-writer.ts';
import { writeArchive } from '../../restore/archive/write-archive.ts';
import { describeFile } from '../../restore/archive/write-set.ts';
import { makeSmallSet, sampleSet } from '../fixtures/small-set.ts';

const [action = '', first = '', second = ''] = process.argv.slice(2);
const volumeBytes = 512 << 20;
const smallFrame = 1024;
const archivePath = 'archives/001-x.tar.zst';

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

interface Written {
  index: SetFile;
  frames: number;
  tarSize: number;
}

/** Writes an archive of frames of `frameSize` bytes, its table behind it, and its index. */
async function writeFrames(file: string, indexFile: string, bytes: number, frameSize: number): Promise<Written> {
  const output = createWriteStream(file);
  const index = new IndexWriter({ path: `${archivePath}.idx`, file: createWriteStream(indexFile) });
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
  return {
    index: await index.finish(table.compressedSize),
    frames: table.length,
    tarSize: table.uncompressedSize,
  };
}

/** A set whose only archive has so many small frames. */
async function writeSet(work: string, frames: number): Promise<object> {
  await makeSmallSet({
    work,
    trees: [],
    write: async (volumes, indexes) => [await writeInto(volumes, indexes, frames)],
  });
  return { frames };
}

async function writeInto(volumes: VolumeWriter, indexes: string, count: number): Promise<Archive> {
  for (const each of [volumes.directory, indexes]) mkdirSync(join(each, 'archives'), { recursive: true });
  const file = join(volumes.directory, archivePath);
  const { index, frames, tarSize } = await writeFrames(
    file,
    join(indexes, `${archivePath}.idx`),
    count * smallFrame,
    smallFrame,
  );
  const part = await describeFile(volumes.directory, archivePath);
  volumes.add(part);
  return {
    name: '001-x',
    parts: [{ volume: 1, ...part }],
    size: part.size,
    index,
    frames,
    mountPoint: '/',
    node: 'disk0:1',
    tarSize,
    members: 0,
    attributes: 0,
    notes: 0,
  };
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

const setDirectory = (work: string): string => join(work, 'volume-1/rekindle', sampleSet);

/** All that `verify` does, with the content's digests too. */
async function verifyManyFrames(): Promise<object> {
  const set = await openSet([directoryStore(setDirectory(first))]);
  const [damage] = await verifySet(accessAtHand(set), { content: true });
  if (damage) throw new Error(damage.detail);
  return { frames: set.manifest?.archives[0]?.frames };
}

/** What a reader without the index begins with. */
async function readOwnTable(): Promise<object> {
  await using handle = await open(join(setDirectory(first), archivePath));
  return { frames: (await readSeekTable(await fileSource(handle))).length };
}

const actions: Record<string, () => Promise<object>> = {
  save,
  verify,
  write: () => writeFrames(first, `${first}.idx`, Number(second), 4 << 20),
  frames: () => writeSet(first, Number(second)),
  'frames-verify': verifyManyFrames,
  'frames-table': readOwnTable,
};
console.log(JSON.stringify(await actions[action]?.()));
