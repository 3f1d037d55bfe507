import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { decompressFrames, FrameTable, readRange } from '@rekindle/zstd-seekable';
import { RekindleError } from '../../common/errors/error.ts';
import { describeDamage, extractStream } from './extract-archive.ts';
import { type FoundMember, findMembers } from './index/find-members.ts';
import { appendFrame, roomForFrames } from './index/frame-table.ts';
import { matchPaths } from './index/path-matcher.ts';
import { type ArchivePaths, archivesOf, machinePath } from './machine-paths.ts';
import { indexBytes, openArchive, type SetAccess } from './open-archive.ts';
import { damagedRanges, lostMembers } from './salvage.ts';
import type { Archive } from './set-schema.ts';
import type { ByteSource } from './store/store.ts';
import type { ArchiveProgress } from './write-archive.ts';

export interface TakeOptions {
  access: SetAccess;
  /** Paths of the saved machine; a folder with all that is below it. */
  paths: readonly string[];
  /** They come out below it under their whole paths: TARGET/etc/fstab. */
  target: string;
  /** Given: go on past damage; called with each file that is lost. Without it damage is an error. */
  onLost?: (machinePath: Buffer) => void;
  signal?: AbortSignal;
  onProgress?: (progress: ArchiveProgress) => void;
}

/** Runs of members longer than this are decompressed on all cores; shorter ones share the frame that was read last. */
const longRun = 16 << 20;

/**
 * Takes single files and folders out of a set, with owners and all attributes, reading only the frames that hold them.
 * @returns the number of members. @throws RekindleError RK317 when the set holds none of them, and what extracting throws
 */
export async function takeFiles(options: TakeOptions): Promise<number> {
  const archives = options.access.set.manifest?.archives ?? [];
  let count = 0;
  for (const asked of archivesOf(archives, options.paths)) count += await takeFrom(options, asked);
  if (count === 0) throw new RekindleError('RK317', options.paths.join(', '));
  return count;
}

async function takeFrom(options: TakeOptions, { archive, names }: ArchivePaths): Promise<number> {
  const { access, signal, onProgress } = options;
  const found: FoundMember[] = [];
  const table = new FrameTable(roomForFrames(archive));
  const members = findMembers(
    () => indexBytes(access, archive),
    matchPaths(names),
    (frame) => appendFrame(table, frame, false),
  );
  for await (const member of members) found.push(member);
  if (found.length === 0) return 0;
  const taken = options.onLost ? await withoutDamaged(options, archive, table, found) : found;
  const target = join(options.target, archive.mountPoint);
  mkdirSync(target, { recursive: true });
  const extras = taken.filter(({ matches }) => !matches);
  const before = extras.map(({ member }) => isThere(target, member.path));
  const source = await openArchive(access, archive);
  try {
    const content = guarded(membersOf(source, table, taken), archive);
    await extractStream(
      { access, archive, target, ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) },
      content,
    );
  } finally {
    await source.close();
  }
  // Came only because a hard link that was asked for is another name of it.
  for (const [index, { member }] of extras.entries())
    if (!before[index]) unlinkSync(Buffer.concat([Buffer.from(`${target}/`), member.path]));
  return taken.length - extras.length;
}

/** What does not touch a damaged frame, nor is a hard link to what does. */
async function withoutDamaged(
  { access, onLost }: TakeOptions,
  archive: Archive,
  table: FrameTable,
  found: readonly FoundMember[],
): Promise<FoundMember[]> {
  const lost = new Set<string>();
  for await (const { path } of lostMembers(access, archive, await damagedRanges(access, archive, table)))
    lost.add(path.toString('latin1'));
  return found.filter(({ member, matches }) => {
    const isLost = lost.has(member.path.toString('latin1'));
    if (isLost && matches) onLost?.(machinePath(archive, member.path));
    return !isLost;
  });
}

function isThere(target: string, path: Buffer): boolean {
  return lstatSync(Buffer.concat([Buffer.from(`${target}/`), path]), { throwIfNoEntry: false }) !== undefined;
}

async function* guarded(content: AsyncIterable<Buffer>, archive: ArchivePaths['archive']): AsyncGenerator<Buffer> {
  try {
    yield* content;
  } catch (error) {
    throw describeDamage(error, archive);
  }
}

const endOfArchive = Buffer.alloc(1024);

/** The members' bytes, as a tar stream of their own. */
async function* membersOf(
  source: ByteSource,
  table: FrameTable,
  found: readonly FoundMember[],
): AsyncGenerator<Buffer> {
  const frames = new LastFrame(source, table);
  for (const { start, end } of runsOf(found)) {
    if (end - start >= longRun)
      for await (const part of readRange(source, table, { offset: start, length: end - start }))
        yield Buffer.from(part.buffer, part.byteOffset, part.length);
    else yield* frames.range(start, end);
  }
  yield endOfArchive;
}

/** Members that follow each other without a gap are read as one. */
function runsOf(found: readonly FoundMember[]): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (const { member } of found) {
    const last = runs.at(-1);
    if (last?.end === member.offset) last.end += member.length;
    else runs.push({ start: member.offset, end: member.offset + member.length });
  }
  return runs;
}

/** Small files lie many in a frame: each frame is read once. */
class LastFrame {
  readonly #source: ByteSource;
  readonly #table: FrameTable;
  #index = -1;
  #content = Buffer.alloc(0);

  constructor(source: ByteSource, table: FrameTable) {
    this.#source = source;
    this.#table = table;
  }

  async *range(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; ) {
      const frame = this.#table.frame(this.#table.frameAt(at));
      const content = await this.#read(frame.index);
      const until = Math.min(end, frame.uncompressedOffset + frame.uncompressedSize);
      yield content.subarray(at - frame.uncompressedOffset, until - frame.uncompressedOffset);
      at = until;
    }
  }

  async #read(index: number): Promise<Buffer> {
    if (this.#index === index) return this.#content;
    const range = { from: index, to: index + 1, threads: 0 };
    for await (const { data } of decompressFrames(this.#source, this.#table, range)) this.#content = Buffer.from(data);
    this.#index = index;
    return this.#content;
  }
}
