import { closeSync, createReadStream, openSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { syncfs } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes } from '../../common/format.ts';
import { describeEnd, type Ended, startTool } from './child.ts';
import { MemberCheck } from './member-check.ts';
import type { Archive } from './set-schema.ts';
import { collectText, DigestStream, readTarOutput } from './streams.ts';
import { sortTarMessages, summarize } from './tar-messages.ts';
import { tarExtractArgv } from './tar-options.ts';
import type { ArchiveProgress } from './write-archive.ts';

export interface ExtractOptions {
  setDirectory: string;
  archive: Archive;
  /** Where the empty file system is mounted. The caller made sure of that. */
  target: string;
  signal?: AbortSignal;
  onProgress?: (progress: ArchiveProgress) => void;
}

/**
 * Extracts one archive: file | zstd -d | tar. Every process's exit status counts, and so do the digests of both streams:
 * a truncated archive is an error even if tar is happy. On success the files are on the disk (syncfs).
 * @throws RekindleError RK306 to RK311
 */
export async function extractArchive(options: ExtractOptions): Promise<void> {
  const { archive, target } = options;
  const progress: ArchiveProgress = { bytes: 0, members: 0, file: '' };
  const zstd = startTool(['zstd', '-q', '-d', '-c'], ['pipe', 'pipe', 'pipe']);
  const tar = startTool(tarExtractArgv(target), ['pipe', 'pipe', 'pipe']);
  const stop = (): void => {
    zstd.child.kill('SIGKILL');
    tar.child.kill('SIGKILL');
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  const digest = new DigestStream();
  const tarDigest = new DigestStream((bytes) => {
    progress.bytes = bytes;
    options.onProgress?.(progress);
  });
  const zstdWords = collectText(zstd.child.stderr as Readable);
  const tarWords = collectText(tar.child.stderr as Readable);
  // When it extracts, tar names the members on standard output.
  readTarOutput(tar.child.stdout as Readable, (count, name) => {
    progress.members = count;
    progress.file = name;
  });
  const source = createReadStream(join(options.setDirectory, archive.file.path), { highWaterMark: 1 << 20 });
  const flows = await Promise.allSettled([
    pipeline(source, digest, zstd.child.stdin as Writable),
    pipeline(zstd.child.stdout as Readable, new MemberCheck(), tarDigest, tar.child.stdin as Writable),
  ]);
  const foreign = flows
    .map((flow) => (flow.status === 'rejected' ? flow.reason : null))
    .find((reason) => reason instanceof RekindleError);
  if (foreign) stop();
  const [zstdEnd, tarEnd] = await Promise.all([zstd.ended, tar.ended]);
  options.onProgress?.(progress); // tar names its last members after the last bytes went in
  options.signal?.removeEventListener('abort', stop);
  if (options.signal?.aborted) throw new RekindleError('RK006', `while ${archive.mountPoint} was being extracted`);
  if (foreign) throw foreign;
  assertSourceRead(flows[0], archive);
  await assertTar(tarEnd, tarWords.text, options);
  assertStreams({ archive, zstdEnd, zstdWords: zstdWords.text, digest, tarDigest });
  for (const flow of flows)
    if (flow.status === 'rejected') throw new RekindleError('RK308', `${archive.file.path}: ${String(flow.reason)}`);
  await syncTarget(options);
}

function assertSourceRead(flow: PromiseSettledResult<void> | undefined, archive: Archive): void {
  if (flow?.status !== 'rejected') return;
  const code = flow.reason instanceof Error && 'code' in flow.reason ? String(flow.reason.code) : '';
  // EPIPE only says that zstd or tar ended first; their own words are the reason.
  if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE')
    throw new RekindleError(
      'RK306',
      `${archive.file.path}: ${flow.reason instanceof Error ? flow.reason.message : code}`,
      { cause: flow.reason },
    );
}

async function assertTar(end: Ended, text: string, options: ExtractOptions): Promise<void> {
  const { errors } = sortTarMessages(text);
  const truncated = /Unexpected EOF|unexpected end/i.test(text);
  if (end.code === 0 && errors.length === 0) return;
  if (truncated) throw new RekindleError('RK307', `${options.archive.file.path}: ${summarize(errors)}`);
  const full = /No space left|Disk quota/i.test(text) ? await describeFullTarget(options) : '';
  throw new RekindleError(
    'RK311',
    `${options.archive.mountPoint}: ${full}${describeEnd('tar', end)}: ${summarize(errors)}`,
  );
}

async function describeFullTarget({ target, archive }: ExtractOptions): Promise<string> {
  const { blocks, bsize } = await statfs(target);
  const size = blocks * bsize;
  return `the file system is full. It has ${formatBytes(size)}, the archive unpacks to ${formatBytes(archive.tarSize)}. `;
}

function assertStreams(parts: {
  archive: Archive;
  zstdEnd: Ended;
  zstdWords: string;
  digest: DigestStream;
  tarDigest: DigestStream;
}): void {
  const { archive, zstdEnd, zstdWords, digest, tarDigest } = parts;
  const { path, size, sha256 } = archive.file;
  if (digest.bytes < size || /premature|truncated|unexpected end/i.test(zstdWords))
    throw new RekindleError('RK307', `${path} ended after ${digest.bytes} of ${size} bytes. ${zstdWords.trim()}`);
  if (zstdEnd.code !== 0)
    throw new RekindleError('RK308', `${path}: ${describeEnd('zstd', zstdEnd)}: ${zstdWords.trim()}`);
  if (digest.digest() !== sha256)
    throw new RekindleError('RK308', `${path}: the SHA-256 of what was read is not the one in the manifest`);
  if (tarDigest.bytes !== archive.tarSize || tarDigest.digest() !== archive.tarSha256)
    throw new RekindleError('RK308', `${path}: the unpacked stream is not what tar wrote when the machine was saved`);
}

async function syncTarget({ target, archive }: ExtractOptions): Promise<void> {
  const fd = openSync(target, 'r');
  try {
    syncfs(fd);
  } catch (error) {
    throw new RekindleError(
      'RK311',
      `${archive.mountPoint}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    closeSync(fd);
  }
}
