import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openPipe } from '@rekindle/linux-syscalls';
import { type FrameTable, prepareThreads } from '@rekindle/zstd-seekable';
import { RekindleError } from '../../common/errors/error.ts';
import { createEncryptor } from './age/encryptor.ts';
import type { AgeRecipients } from './age/recipients.ts';
import { type ArchiveSink, archiveSink } from './archive-sink.ts';
import { archiveTitle } from './archive-title.ts';
import { describeEnd } from './child.ts';
import { frameMemory } from './frame-memory.ts';
import { captureNames } from './incremental/names.ts';
import { packSnapshot, prepareSnapshot, type SnapshotFiles } from './incremental/snapshot-file.ts';
import { captureAttributes } from './index/attributes.ts';
import { IndexTap } from './index/index-tap.ts';
import { IndexWriter } from './index/index-writer.ts';
import { TarAhead } from './index/tar-ahead.ts';
import { namesLeftOut } from './left-out.ts';
import type { NoteCounts } from './note-counts.ts';
import { addCounts, describeCounts, lossKinds } from './note-kinds.ts';
import { endFrames, type PackedFrames, packFrames } from './pack-frames.ts';
import { PipeInput } from './pipe-input.ts';
import { excludeWords, SavingTar } from './saving-tar.ts';
import type { Archive } from './set-schema.ts';
import { summarize, type TarMessages } from './tar-messages.ts';
import { largeRecords, tarCreateArgv } from './tar-options.ts';
import type { VolumeWriter } from './volumes/volume-writer.ts';

export interface ArchiveProgress {
  /** Of the uncompressed tar stream. */
  bytes: number;
  members: number;
  file: string;
}

export interface WriteArchiveOptions {
  /** Directory where this file system alone is mounted: a private, non-recursive bind mount. */
  source: string;
  /** Where the machine has it mounted. */
  mountPoint: string;
  /** Id of its device in the layout. */
  node: string;
  volumes: VolumeWriter;
  /** Where the index waits for the last volume; same paths as in the set. */
  indexDirectory: string;
  number: number;
  /** Absolute paths below `source` that stay out: our own output and work space. */
  exclude: readonly string[];
  /** Null: not encrypted. */
  recipients: AgeRecipients | null;
  /** Of a btrfs: its path. What lies on another device below is a subvolume then, with an archive of its own. */
  subvolume?: string;
  /** Of a btrfs: the machine's name of its device. */
  device?: string;
  /** Its UUID, for sets that build on this one. */
  fileSystem?: string;
  /** Without it there is no snapshot file, and no incremental set can follow. */
  snapshot?: SnapshotFiles;
  /** Gets what of it is not saved, with the first names. */
  onWarning?: (warning: string) => void;
  signal?: AbortSignal;
  onProgress?: (progress: ArchiveProgress) => void;
}

/** '001-root', '002-boot', '003-var-lib' */
export function archiveName(number: number, mountPoint: string): string {
  const name = mountPoint === '/' ? 'root' : mountPoint.slice(1).replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  return `${String(number).padStart(3, '0')}-${name}`;
}

/**
 * Saves one file system: tar, cut into frames and compressed on all cores, onto the volumes; its index beside.
 * @throws RekindleError RK309 when anything could not be read, RK211 on a full disk, RK226 where no file may be so large, RK006 when `signal` stopped it.
 */
export async function writeArchive(options: WriteArchiveOptions): Promise<Archive> {
  const name = archiveName(options.number, options.mountPoint);
  const age = options.recipients === null ? '' : '.age';
  const path = `archives/${name}.tar.zst`;
  const sink = await archiveSink(options.volumes.open(`${path}${age}`), options.recipients);
  const index = await openIndex(options, `${path}.idx${age}`);
  prepareThreads(Number.POSITIVE_INFINITY, frameMemory());
  try {
    if (options.snapshot) await prepareSnapshot(options.snapshot);
    const changes = typeof options.snapshot?.base === 'string';
    // Of a file system's changes tar reads some files only, and without a snapshot in another order.
    const ahead = options.snapshot?.base === null ? new TarAhead() : undefined;
    const packed = pack(options, sink, index, ahead).finally(() => ahead?.tarEnded());
    const [saved, lost] = await Promise.all([packed, saveAttributes(options, index, ahead)]);
    if (changes) for await (const each of captureNames(options.source, options.signal)) await index.addName(each);
    const notes = [...saved.said.notes, ...lost.notes];
    for (const note of notes) await index.addNote(note);
    const counts = addCounts(saved.said.counts, lost.notes.length === 0 ? {} : { attributes: lost.notes.length });
    warnOfLosses(options, counts, notes);
    const parts = await sink.close();
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    return {
      name,
      parts,
      size,
      index: await index.finish(saved.size),
      frames: saved.frames,
      mountPoint: options.mountPoint,
      node: options.node,
      tarSize: saved.tarSize,
      members: index.members,
      attributes: lost.count,
      notes: notes.length,
      ...(saved.said.leftOut > 0 ? { leftOut: saved.said.leftOut } : {}),
      ...(notes.length > 0 ? { noteCounts: counts } : {}),
      ...(options.subvolume === undefined ? {} : { subvolume: options.subvolume }),
      ...(options.device === undefined ? {} : { device: options.device }),
      ...(options.fileSystem === undefined ? {} : { fileSystem: options.fileSystem }),
      ...(changes ? { changes } : {}),
      // What tar did not find, or could not open, may be there by now: its snapshot would take that for saved.
      ...(options.snapshot && saved.said.missed === 0
        ? { snapshot: await packSnapshot(options, options.snapshot.output, name) }
        : {}),
    };
  } catch (error) {
    await Promise.all([sink.dispose(), index.abort()]);
    throw describeFailure(error, { ...options, title: archiveTitle(options) });
  }
}

function warnOfLosses(
  { onWarning, ...archive }: WriteArchiveOptions,
  counts: NoteCounts,
  notes: readonly string[],
): void {
  const kinds = describeCounts(counts, lossKinds);
  if (kinds.length === 0) return;
  const names = namesLeftOut(notes);
  const all = lossKinds.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  const more = all > names.length ? '; the index names all' : '';
  onWarning?.(`${archiveTitle(archive)}: ${kinds.join(', ')}: ${names.join('; ')}${more}`);
}

/** What tar loses goes into the index, a line an inode. */
async function saveAttributes(
  { source, exclude, signal }: WriteArchiveOptions,
  index: IndexWriter,
  ahead: TarAhead | undefined,
): Promise<{ count: number; notes: string[] }> {
  const lost = { count: 0, notes: [] as string[] };
  const onNote = (note: string): void => void lost.notes.push(note);
  const how = { exclude, onNote, ...(signal ? { signal } : {}), ...(ahead ? { ahead } : {}) };
  for await (const attributes of captureAttributes(source, how)) {
    lost.count += 1;
    await index.addAttributes(attributes);
  }
  return lost;
}

export async function openIndex(
  { indexDirectory, recipients }: Pick<WriteArchiveOptions, 'indexDirectory' | 'recipients'>,
  path: string,
): Promise<IndexWriter> {
  const file = join(indexDirectory, path);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return new IndexWriter({
    path,
    file: createWriteStream(file, { mode: 0o600, flush: true, highWaterMark: 1 << 20 }),
    through: recipients === null ? [] : [await createEncryptor(recipients)],
  });
}

export function describeFailure(
  error: unknown,
  options: { signal?: AbortSignal | undefined; title: string; volumes: VolumeWriter },
): unknown {
  if (options.signal?.aborted) return new RekindleError('RK006', `while ${options.title} was being saved`);
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const where = `while ${options.title} was being saved into ${options.volumes.directory}`;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new RekindleError('RK211', where, { cause: error });
  if (code === 'EFBIG') return new RekindleError('RK226', where, { cause: error });
  return error;
}

/** What tar may be ahead of us; the most that anybody may ask for unless told otherwise (pipe-max-size). */
const pipeBytes = 1 << 20;

interface Packed extends PackedFrames {
  said: TarMessages;
}

async function pack(
  options: WriteArchiveOptions,
  sink: ArchiveSink,
  index: IndexWriter,
  ahead: TarAhead | undefined,
): Promise<Packed> {
  const pipe = openPipe(pipeBytes);
  const [file, ...words] = tarCreateArgv(options.source, options.exclude, options.snapshot?.output);
  const tar = new SavingTar({
    argv: (tooDeep) => [file, largeRecords, ...excludeWords(tooDeep), ...words],
    source: options.source,
    about: { subvolume: options.subvolume !== undefined },
    fd: pipe.write,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const stop = (): void => tar.stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const tap = new IndexTap(index, (progress) => {
      tar.begun();
      ahead?.tarPassed(progress.files);
      options.onProgress?.(progress);
    });
    const input = new PipeInput(pipe.read, tap);
    let table: FrameTable | null = null;
    let failure: unknown = null;
    try {
      table = await packFrames(input, { sink, index, signal: options.signal });
    } catch (error) {
      stop();
      failure = error;
    }
    const { end, said } = await tar.ended;
    assertTar(options, end, said, failure);
    if (table === null) throw failure;
    return { ...(await endFrames(table, sink)), said };
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** tar's own words come first: a stream that ended too early is only what followed. */
function assertTar(
  options: WriteArchiveOptions,
  end: { code: number | null; signal: NodeJS.Signals | null },
  { errors, notes, leftOut }: TarMessages,
  failure: unknown,
): void {
  // Exit 1: some files changed while they were read, 2: some could not be read; each is in the notes. Anything else is not a backup.
  const good =
    errors.length === 0 && (end.code === 0 || (end.code === 1 && notes.length > 0) || (end.code === 2 && leftOut > 0));
  if (!good && (failure === null || (failure instanceof RekindleError && failure.code === 'RK343')))
    throw new RekindleError('RK309', `${archiveTitle(options)}: ${describeEnd('tar', end)}: ${summarize(errors)}`);
  if (failure !== null) throw failure;
}
