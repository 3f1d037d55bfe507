import type { Readable, Writable } from 'node:stream';
import { decompressFrames, writeAll } from '@rekindle/zstd-seekable';
import { RekindleError } from '../../../common/errors/error.ts';
import { describeEnd, startTool } from '../child.ts';
import { contentOf } from '../extract-archive.ts';
import { frameMemory } from '../frame-memory.ts';
import { openArchive, readFrames, type SetAccess } from '../open-archive.ts';
import type { Archive } from '../set-schema.ts';
import { collectText } from '../streams.ts';
import type { ArchiveProgress } from '../write-archive.ts';
import { writer } from './tools.ts';

export interface RestoreRawOptions {
  access: SetAccess;
  archive: Archive;
  /** Is overwritten. The caller made sure of that. */
  device: string;
  signal?: AbortSignal;
  onProgress?: (progress: ArchiveProgress) => void;
}

/**
 * Writes a raw archive onto a device, each frame verified before a byte of it goes on.
 * @throws RekindleError RK305 to RK308, RK314, RK315, RK34x, RK372
 */
export async function restoreRaw(options: RestoreRawOptions): Promise<void> {
  const { access, archive, device, signal } = options;
  const method = archive.method;
  if (method === undefined) throw new TypeError(`${archive.name} holds files`);
  const table = await readFrames(access, archive);
  if (table.length !== archive.frames || table.uncompressedSize !== archive.tarSize)
    throw new RekindleError('RK308', `${archive.index.path} does not belong to the manifest's ${archive.name}`);
  const source = await openArchive(access, archive);
  const tool = startTool([...writer(method, device)], ['pipe', 'ignore', 'pipe']);
  const words = collectText(tool.child.stderr as Readable);
  const stdin = tool.child.stdin as Writable;
  stdin.on('error', () => undefined); // comes out of writeAll too
  let failure: unknown = null;
  try {
    const progress = { bytes: 0, members: 0, file: device };
    const frames = decompressFrames(source, table, { ...frameMemory(), ...(signal ? { signal } : {}) });
    for await (const chunk of contentOf(frames, archive)) {
      await writeAll(stdin, chunk, signal);
      progress.bytes += chunk.length;
      options.onProgress?.(progress);
    }
    stdin.end();
  } catch (error) {
    failure = error;
    // Who reads no more because the tool ended first gets its words below.
    if (!isPipe(error)) tool.child.kill('SIGKILL');
  } finally {
    await source.close();
  }
  const end = await tool.ended;
  if (failure !== null && !isPipe(failure)) throw failure;
  if (end.code !== 0 || failure !== null) {
    const lines = words.text.trim().split('\n').slice(-3).join(' / ');
    throw new RekindleError('RK372', `${archive.name} onto ${device}: ${describeEnd(method, end)}: ${lines}`);
  }
}

function isPipe(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET';
}
