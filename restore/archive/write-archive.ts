import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { describeEnd, startTool } from './child.ts';
import { captureInodeFlags, writeFlagsFile } from './inode-flags.ts';
import type { Archive } from './set-schema.ts';
import { collectText, DigestStream, readTarOutput } from './streams.ts';
import { sortTarMessages, summarize } from './tar-messages.ts';
import { tarCreateArgv } from './tar-options.ts';

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
  setDirectory: string;
  number: number;
  /** Absolute paths below `source` that stay out: our own output and work space. */
  exclude: readonly string[];
  signal?: AbortSignal;
  onProgress?: (progress: ArchiveProgress) => void;
}

/** '001-root', '002-boot', '003-var-lib' */
export function archiveName(number: number, mountPoint: string): string {
  const name = mountPoint === '/' ? 'root' : mountPoint.slice(1).replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  return `${String(number).padStart(3, '0')}-${name}`;
}

/**
 * Saves one file system: tar | zstd into the set, with digests on both sides.
 * @throws RekindleError RK309 when anything could not be read, RK211 on a full disk, RK006 when `signal` stopped it.
 */
export async function writeArchive(options: WriteArchiveOptions): Promise<Archive> {
  const name = archiveName(options.number, options.mountPoint);
  await mkdir(join(options.setDirectory, 'archives'), { recursive: true });
  const path = `archives/${name}.tar.zst`;
  const file = join(options.setDirectory, path);
  try {
    const [saved, flags] = await Promise.all([pack(options, file), captureInodeFlags(options.source, options.signal)]);
    const flagsFile = await writeFlagsFile(options.setDirectory, `archives/${name}.flags.json`, flags.entries);
    return {
      file: { path, size: saved.size, sha256: saved.sha256 },
      mountPoint: options.mountPoint,
      node: options.node,
      tarSize: saved.tarSize,
      tarSha256: saved.tarSha256,
      members: saved.members,
      ...(flagsFile ? { flags: flagsFile } : {}),
      notes: [...saved.notes, ...flags.notes],
    };
  } catch (error) {
    await rm(file, { force: true });
    throw describeFailure(error, options);
  }
}

function describeFailure(error: unknown, options: WriteArchiveOptions): unknown {
  if (options.signal?.aborted) return new RekindleError('RK006', `while ${options.mountPoint} was being saved`);
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new RekindleError('RK211', `while ${options.mountPoint} was being saved into ${options.setDirectory}`, {
      cause: error,
    });
  }
  return error;
}

interface Packed {
  size: number;
  sha256: string;
  tarSize: number;
  tarSha256: string;
  members: number;
  notes: string[];
}

async function pack(options: WriteArchiveOptions, file: string): Promise<Packed> {
  const progress: ArchiveProgress = { bytes: 0, members: 0, file: '' };
  const tell = (): void => options.onProgress?.(progress);
  const tar = startTool(tarCreateArgv(options.source, options.exclude), ['ignore', 'pipe', 'pipe']);
  const zstd = startTool(['zstd', '-q', '-T0', '-3', '-c'], ['pipe', 'pipe', 'pipe']);
  const stop = (): void => {
    tar.child.kill('SIGKILL');
    zstd.child.kill('SIGKILL');
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const tarDigest = new DigestStream((bytes) => {
      progress.bytes = bytes;
      tell();
    });
    const digest = new DigestStream();
    const zstdWords = collectText(zstd.child.stderr as Readable);
    const tarOutput = readTarOutput(tar.child.stderr as Readable, (count, member) => {
      progress.members = count;
      progress.file = member;
    });
    await Promise.all([
      pipeline(tar.child.stdout as Readable, tarDigest, zstd.child.stdin as Writable),
      pipeline(
        zstd.child.stdout as Readable,
        digest,
        createWriteStream(file, { mode: 0o600, flush: true, highWaterMark: 4 << 20 }),
      ),
    ]).catch((error: unknown) => {
      stop();
      throw error;
    });
    const [tarEnd, zstdEnd] = await Promise.all([tar.ended, zstd.ended]);
    if (zstdEnd.code !== 0)
      throw new RekindleError('RK309', `${options.mountPoint}: ${describeEnd('zstd', zstdEnd)}: ${zstdWords.text}`);
    const messages = sortTarMessages(tarOutput.words);
    // Exit 1: some files changed while they were read; each is in the notes. Anything else is not a backup.
    if (messages.errors.length > 0 || (tarEnd.code !== 0 && !(tarEnd.code === 1 && messages.notes.length > 0)))
      throw new RekindleError(
        'RK309',
        `${options.mountPoint}: ${describeEnd('tar', tarEnd)}: ${summarize(messages.errors)}`,
      );
    return {
      size: digest.bytes,
      sha256: digest.digest(),
      tarSize: tarDigest.bytes,
      tarSha256: tarDigest.digest(),
      members: tarOutput.members,
      notes: messages.notes,
    };
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}
