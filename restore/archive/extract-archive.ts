import { closeSync, openSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { syncfs } from '@rekindle/linux-syscalls';
import {
  type DecompressedFrame,
  decompressFrames,
  prepareThreads,
  SeekableError,
  writeAll,
} from '@rekindle/zstd-seekable';
import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes } from '../../common/format.ts';
import { archiveTitle } from './archive-title.ts';
import { describeEnd, type Ended, startTool } from './child.ts';
import { frameMemory } from './frame-memory.ts';
import { linksBelow } from './incremental/clear-attributes.ts';
import type { TarMember } from './index/tar-members.ts';
import type { LinkSet } from './link-set.ts';
import { type LinksInPlace, MemberCheck } from './member-check.ts';
import { openArchive, readFrames, type SetAccess } from './open-archive.ts';
import { isUnreadable } from './open-set.ts';
import type { Archive } from './set-schema.ts';
import { isShortcoming, readTarMessages, summarize, type TarMessages } from './tar-messages.ts';
import { tarExtractArgv } from './tar-options.ts';
import { openRoot, removeFile } from './target/beneath.ts';
import type { ArchiveProgress } from './write-archive.ts';

/** What tar gets at once: progress moves, and little waits. Bytes. */
const piece = 256 << 10;

export interface ExtractOptions {
  access: SetAccess;
  archive: Archive;
  /** Where the empty file system is mounted. The caller made sure of that. */
  target: string;
  /** It holds only what changed: the target holds what came before. */
  changes?: boolean;
  /** Symbolic links that are below the target. Absent: they are looked for. */
  links?: LinkSet;
  /** Gets each file that this file system cannot hold. Without it such a file is an error, as any. */
  onNote?: (note: string) => void;
  signal?: AbortSignal;
  onProgress?: (progress: ArchiveProgress) => void;
}

/**
 * Extracts one archive: frames, each verified before a byte of it goes on, into tar. Every process's exit status counts.
 * On success the files are on the disk (syncfs).
 * @throws RekindleError RK305 to RK311, RK314, RK315, RK34x
 */
export async function extractArchive(options: ExtractOptions): Promise<void> {
  const { access, archive } = options;
  prepareThreads(archive.frames, frameMemory());
  const table = await readFrames(access, archive);
  if (table.length !== archive.frames || table.uncompressedSize !== archive.tarSize)
    throw new RekindleError('RK308', `${archive.index.path} does not belong to the manifest's ${archive.name}`);
  const source = await openArchive(access, archive);
  try {
    const frames = decompressFrames(source, table, {
      ...frameMemory(),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    await extractStream(options, contentOf(frames, archive));
  } finally {
    await source.close();
  }
  await syncTarget(options);
}

/** What the frames hold, without a copy: each piece is valid until the next is asked for. Errors in the user's terms. */
export async function* contentOf(frames: AsyncIterable<DecompressedFrame>, archive: Archive): AsyncGenerator<Buffer> {
  try {
    for await (const { data } of frames)
      for (let at = 0; at < data.length; at += piece) {
        const part = data.subarray(at, at + piece);
        yield Buffer.from(part.buffer, part.byteOffset, part.length);
      }
  } catch (error) {
    throw describeDamage(error, archive);
  }
}

/** @returns RK306 when the medium cannot be read, RK307 when it ends too early, RK308 for what is damaged */
export function describeDamage(error: unknown, { name }: Archive): unknown {
  if (!(error instanceof SeekableError)) return error;
  const cause = error.damage?.cause ?? error.cause;
  if (cause instanceof RekindleError) return cause;
  const reason = `${name}: ${error.message}`;
  if (error.damage?.reason === 'unreadable' || isUnreadable(cause))
    return new RekindleError('RK306', reason, { cause });
  if (error.damage?.reason === 'truncated') return new RekindleError('RK307', reason, { cause });
  return new RekindleError('RK308', reason, { cause: error });
}

/**
 * A tar stream, its names checked, into tar. A piece's memory may be used again when the next is asked for.
 * @throws RekindleError RK308, RK310, RK311, RK374 for a member below a link of the target, RK006; what `content` throws
 */
export async function extractStream(options: ExtractOptions, content: AsyncIterable<Buffer>): Promise<void> {
  const { target, changes = false } = options;
  const links = options.links ?? (await linksBelow(target, options.signal));
  using top = openRoot(target);
  const inPlace = { links, remove: (path: Buffer) => removeFile(top.fd, path) };
  await extractInto(options, { argv: tarExtractArgv(target, changes), inPlace }, content);
}

export interface TarRun {
  argv: readonly [string, ...string[]];
  /** Null: nothing is there. */
  inPlace: LinksInPlace | null;
  /** Hears of each member before tar does; may throw. */
  onMember?: (member: TarMember) => void;
  /** Gets what tar says of files that the target cannot take, or not with all attributes; without it that is an error. */
  onShortcomings?: (messages: readonly string[]) => void;
}

/** The same with any tar. */
export async function extractInto(
  options: Omit<ExtractOptions, 'changes' | 'links'>,
  run: TarRun,
  content: AsyncIterable<Buffer>,
): Promise<void> {
  const { archive } = options;
  const progress: ArchiveProgress = { bytes: 0, members: 0, file: '' };
  const tar = startTool(run.argv, ['pipe', 'ignore', 'pipe']);
  const stop = (): void => void tar.child.kill('SIGKILL');
  options.signal?.addEventListener('abort', stop, { once: true });
  const words = readTarMessages(tar.child.stderr as Readable, { extracting: true });
  const check = new MemberCheck((member) => {
    run.onMember?.(member);
    progress.members += 1;
    progress.file = member.path.toString();
  }, run.inPlace);
  const stdin = tar.child.stdin as Writable;
  stdin.on('error', () => undefined); // comes out of writeAll too
  let passed = false;
  let flow: unknown = null;
  try {
    for await (const chunk of content) {
      check.push(chunk);
      await writeAll(stdin, chunk, options.signal);
      progress.bytes += chunk.length;
      options.onProgress?.(progress);
    }
    passed = true;
    stdin.end();
  } catch (error) {
    // Who reads no more because tar ended first gets tar's own words below.
    if (!isPipe(error)) stop();
    flow = error;
  }
  const end = await tar.ended;
  options.signal?.removeEventListener('abort', stop);
  if (options.signal?.aborted) throw new RekindleError('RK006', `while ${archiveTitle(archive)} was being extracted`);
  if (flow !== null && !isPipe(flow)) throw flow;
  await assertTar(end, words.sorted(), options, run);
  // tar may be gone before we hear that it took the last bytes; had it not, it would not have ended well.
  if (flow !== null && !passed)
    throw new RekindleError('RK311', `${archiveTitle(archive)}: tar read no more: ${String(flow)}`);
}

function isPipe(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET';
}

async function assertTar(
  end: Ended,
  { notes, errors }: TarMessages,
  options: Pick<ExtractOptions, 'archive' | 'target' | 'onNote'>,
  { onShortcomings }: TarRun,
): Promise<void> {
  const isTold = notes.length === 0 || options.onNote !== undefined;
  const isBearable = errors.length === 0 || (onShortcomings !== undefined && errors.every(isShortcoming));
  const said = notes.length + errors.length;
  if (end.code === 0 && said === 0) return;
  if ((end.code === 0 || end.code === 2) && said > 0 && isTold && isBearable) {
    for (const note of notes) options.onNote?.(`${archiveTitle(options.archive)}: ${note}`);
    if (errors.length > 0) onShortcomings?.(errors);
    return;
  }
  const text = errors.join('\n');
  // A write of which only a part had room is all that tar may say.
  const full = /No space left|Disk quota|Wrote only \d+ of/i.test(text) ? await describeFullTarget(options) : '';
  throw new RekindleError(
    'RK311',
    `${archiveTitle(options.archive)}: ${full}${describeEnd('tar', end)}: ${summarize([...errors, ...notes])}`,
  );
}

async function describeFullTarget({ target, archive }: Pick<ExtractOptions, 'archive' | 'target'>): Promise<string> {
  const { blocks, bsize } = await statfs(target);
  const size = blocks * bsize;
  return `the file system is full. It has ${formatBytes(size)}, the archive unpacks to ${formatBytes(archive.tarSize)}. `;
}

/** @throws RekindleError RK311 */
export async function syncTarget({ target, archive }: Pick<ExtractOptions, 'target' | 'archive'>): Promise<void> {
  const fd = openSync(target, 'r');
  try {
    syncfs(fd);
  } catch (error) {
    throw new RekindleError(
      'RK311',
      `${archiveTitle(archive)}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    closeSync(fd);
  }
}
