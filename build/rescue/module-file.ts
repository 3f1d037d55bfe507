import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { RekindleError } from '../../common/errors/error.ts';
import { throughTool } from '../../restore/archive/through-tool.ts';

/** How a module's file is packed, by the end of its name: Node unpacks two of them itself, a program of this machine the third. */
const unpackers: Readonly<Record<string, (() => Transform) | readonly [string, ...string[]]>> = {
  '.gz': createGunzip,
  '.zst': () => createZstdDecompress(),
  '.xz': ['xz', '-dc'],
};

/** Programs without which modules of these names cannot be unpacked. */
export function unpackingPrograms(files: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const file of files) {
    const unpacker = unpackers[extname(file)];
    if (typeof unpacker === 'object') found.add(unpacker[0]);
  }
  return [...found];
}

/** The name of what comes out: without the end that tells how it is packed. */
export function unpackedName(file: string): string {
  const end = extname(file);
  return unpackers[end] === undefined ? file : file.slice(0, -end.length);
}

/**
 * Copies a kernel module; a compressed one is unpacked, for our loader wants plain files.
 * @throws RekindleError RK004 without the program that unpacks it, RK224 when it is damaged
 */
export async function writeModule(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const unpacker = unpackers[extname(source)];
  if (unpacker === undefined) return copyFile(source, target);
  const write = (from: Readable): Promise<void> => pipeline(from, createWriteStream(target));
  try {
    if (typeof unpacker === 'function')
      return await pipeline(createReadStream(source), unpacker(), createWriteStream(target));
    await throughTool([...unpacker, source], {}, ({ input, output }) => {
      input.end();
      return write(output);
    });
  } catch (error) {
    throw isDamage(error) ? new RekindleError('RK224', `${source}: ${wordsOf(error)}`, { cause: error }) : error;
  }
}

/** zlib's own refusal, or the program's. */
function isDamage(error: unknown): boolean {
  if (error instanceof RekindleError) return error.code === 'RK003';
  return error instanceof Error && 'code' in error && /^(Z_|ZSTD_|ERR_)/.test(String(error.code));
}

function wordsOf(error: unknown): string {
  return error instanceof RekindleError ? error.reason : error instanceof Error ? error.message : String(error);
}
