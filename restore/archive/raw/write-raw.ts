import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { RekindleError } from '../../../common/errors/error.ts';
import { type ArchiveSink, archiveSink } from '../archive-sink.ts';
import { describeEnd, startTool } from '../child.ts';
import type { IndexWriter } from '../index/index-writer.ts';
import { endFrames, type PackedFrames, packFrames } from '../pack-frames.ts';
import type { Archive } from '../set-schema.ts';
import { collectText } from '../streams.ts';
import { describeFailure, openIndex, type WriteArchiveOptions } from '../write-archive.ts';
import { type Argv, type RawMethod, readers } from './tools.ts';

export interface WriteRawOptions
  extends Omit<WriteArchiveOptions, 'source' | 'mountPoint' | 'exclude' | 'subvolume' | 'fileSystem' | 'snapshot'> {
  device: string;
  /** blkid's TYPE. */
  type: string;
}

/** '003-disk0-2' */
export function rawArchiveName(number: number, node: string): string {
  return `${String(number).padStart(3, '0')}-${node.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}`;
}

/**
 * Saves a device that is not in use as it is: used blocks only where partclone knows the file system, else all of them.
 * @throws RekindleError RK370 when it is in use, RK371 when it cannot be read, and what writeArchive throws
 */
export async function writeRawArchive(options: WriteRawOptions): Promise<Archive> {
  const { device, node, number, recipients, volumes } = options;
  // Held open: nobody can mount it meanwhile.
  const claim = await claimDevice(device);
  const name = rawArchiveName(number, node);
  const age = recipients === null ? '' : '.age';
  const path = `archives/${name}.raw.zst`;
  const sink = await archiveSink(volumes.open(`${path}${age}`), recipients);
  const index = await openIndex(options, `${path}.idx${age}`);
  try {
    const saved = await packFirst(options, sink, index);
    const parts = await sink.close();
    return {
      name,
      parts,
      size: parts.reduce((sum, part) => sum + part.size, 0),
      index: await index.finish(saved.size),
      frames: saved.frames,
      mountPoint: node,
      node,
      device: device.replace(/^\/dev\//, ''),
      method: saved.method,
      tarSize: saved.tarSize,
      members: 0,
      attributes: 0,
      notes: 0,
    };
  } catch (error) {
    await Promise.all([sink.dispose(), index.abort()]);
    throw describeFailure(error, { signal: options.signal, title: device, volumes });
  } finally {
    await claim.close();
  }
}

/** open(2): O_EXCL without O_CREAT fails on a block device that is mounted, swapped to or part of something. */
async function claimDevice(device: string) {
  try {
    return await open(device, constants.O_RDONLY | constants.O_EXCL);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EBUSY') throw new RekindleError('RK370', device, { cause: error });
    throw new RekindleError('RK371', `${device}: ${String(code)}`, { cause: error });
  }
}

interface Packed extends PackedFrames {
  method: RawMethod;
}

/** partclone refuses what it finds unclean (a hibernated Windows) before its first byte: then everything is copied. */
async function packFirst(options: WriteRawOptions, sink: ArchiveSink, index: IndexWriter): Promise<Packed> {
  const reasons: string[] = [];
  for (const { method, argv } of await readers(options.device, options.type)) {
    const packed = await pack(options, argv, sink, index);
    if (!('reason' in packed)) return { method, ...packed };
    reasons.push(packed.reason);
    if (packed.tarSize > 0) break;
  }
  throw new RekindleError('RK371', `${options.device}: ${reasons.join('; ')}`);
}

async function pack(
  options: WriteRawOptions,
  argv: Argv,
  sink: ArchiveSink,
  index: IndexWriter,
): Promise<PackedFrames | { reason: string; tarSize: number }> {
  const tool = startTool([...argv], ['ignore', 'pipe', 'pipe']);
  const stop = (): void => void tool.child.kill('SIGKILL');
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const words = collectText(tool.child.stderr as Readable);
    const counted = countBytes(tool.child.stdout as Readable, options);
    const table = await packFrames(counted, { sink, index, signal: options.signal });
    const end = await tool.ended;
    if (end.code !== 0) {
      const lines = words.text.trim().split('\n').slice(-3).join(' / ');
      return { reason: `${describeEnd(argv[0], end)}: ${lines}`, tarSize: table.uncompressedSize };
    }
    return await endFrames(table, sink);
  } catch (error) {
    stop();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

async function* countBytes(source: Readable, { onProgress, device }: WriteRawOptions): AsyncGenerator<Buffer> {
  const progress = { bytes: 0, members: 0, file: device };
  for await (const chunk of source) {
    progress.bytes += (chunk as Buffer).length;
    onProgress?.(progress);
    yield chunk as Buffer;
  }
}
