import { createReadStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RekindleError } from '../../../common/errors/error.ts';
import { lastWords } from '../../../common/run.ts';
import { startTool } from '../../archive/child.ts';
import { collectText } from '../../archive/streams.ts';

/** How bytes are packed; the tools are those of the rescue. */
export interface Packing {
  name: string;
  tool: readonly [string, ...string[]];
}

const packings: readonly (Packing & { magic: string })[] = [
  { magic: '1f8b', name: 'gzip', tool: ['gzip', '-dc'] },
  { magic: '28b52ffd', name: 'zstd', tool: ['zstd', '-dcq', '--memory=2048MB'] },
  { magic: 'fd377a585a00', name: 'xz', tool: ['xz', '-dcq'] },
  { magic: '5d0000', name: 'lzma', tool: ['xz', '-dcq', '--format=lzma'] },
  { magic: '425a68', name: 'bzip2', tool: ['bzip2', '-dcq'] },
  { magic: '02214c18', name: 'lz4', tool: ['lz4', '-dcq'] },
  { magic: '04224d18', name: 'lz4', tool: ['lz4', '-dcq'] },
  { magic: '894c5a4f', name: 'lzo', tool: ['lzop', '-dcq'] },
];

/** By the first bytes, as the kernel's lib/decompress.c tells; null for none that it knows. */
export function packingOf(head: Buffer): Packing | null {
  const hex = head.toString('hex', 0, 6);
  return packings.find(({ magic }) => hex.startsWith(magic)) ?? null;
}

/** The packed bytes are damaged or end too early. */
export class PackingError extends Error {}
/** This rescue has no tool for it. */
export class NoToolError extends Error {}

/**
 * Unpacks bytes [start, end) of a file, piece by piece into `take`.
 * @throws PackingError, NoToolError, and whatever `take` throws
 */
export async function unpack(
  file: string,
  range: { start: number; end: number },
  packing: Packing,
  take: (chunk: Buffer) => void,
): Promise<void> {
  if (range.end <= range.start) throw new PackingError('there is nothing');
  const source = createReadStream(file, { start: range.start, end: range.end - 1, highWaterMark: 1 << 18 });
  const [command] = packing.tool;
  const { child, ended } = startTool(packing.tool, ['pipe', 'pipe', 'pipe']);
  const words = collectText(child.stderr as Readable);
  // A tool that stops early says why in its exit status, not through the pipe.
  const fed = pipeline(source, child.stdin as Writable).catch(() => undefined);
  try {
    for await (const chunk of child.stdout as Readable) take(chunk as Buffer);
    await fed;
    const { code } = await ended.catch(asNoTool);
    if (code !== 0) throw new PackingError(`${command}: ${lastWords(words.text, 1) || `exit ${code}`}`);
  } finally {
    child.kill('SIGKILL');
    source.destroy();
  }
}

function asNoTool(error: unknown): never {
  throw error instanceof RekindleError ? new NoToolError(error.reason) : error;
}
