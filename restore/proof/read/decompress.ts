import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { cleanEnvironment, lastWords } from '../../../common/run.ts';

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
  const [command, ...args] = packing.tool;
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: cleanEnvironment });
  const absent = once(child, 'error').then(([error]) => {
    throw error instanceof Error && 'code' in error && error.code === 'ENOENT'
      ? new NoToolError(`${command} is not here`)
      : error;
  });
  absent.catch(() => undefined);
  // Not events.once: that fails with the raw error where there is no such tool.
  const closed = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4096);
  });
  // A tool that stops early says why in its exit status, not through the pipe.
  const fed = pipeline(source, child.stdin).catch(() => undefined);
  try {
    for await (const chunk of child.stdout) take(chunk as Buffer);
    await fed;
    const code = await Promise.race([absent, closed]);
    if (code !== 0) throw new PackingError(`${command}: ${lastWords(words, 1) || `exit ${code}`}`);
  } finally {
    child.kill('SIGKILL');
    source.destroy();
  }
}
