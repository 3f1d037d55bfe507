import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../../common/format.ts';
import type { RecoverySet } from './open-set.ts';
import { type SetFile, setFileNames } from './set-schema.ts';

export interface VerifyOptions {
  onProgress?: (bytesDone: number, bytesTotal: number) => void;
  signal?: AbortSignal;
}

/** The files that hold the backup, and rd-base. */
function filesOf(set: RecoverySet): SetFile[] {
  return [set.info.rdBase, ...(set.manifest?.files ?? []).filter(({ path }) => path !== setFileNames.rdBase)];
}

/** Reads every file of the set and compares its SHA-256. Gives one line for each damaged one; empty: intact. */
export async function verifySet(set: RecoverySet, options: VerifyOptions = {}): Promise<string[]> {
  const files = filesOf(set);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const damage: string[] = [];
  let done = 0;
  for (const file of files) {
    const problem = await verifyFile(set.directory, file, options.signal, (bytes) =>
      options.onProgress?.(done + bytes, total),
    );
    if (problem !== null) damage.push(problem);
    done += file.size;
    options.onProgress?.(done, total);
  }
  return damage;
}

async function verifyFile(
  directory: string,
  file: SetFile,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): Promise<string | null> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(join(directory, file.path), { highWaterMark: 1 << 20 })) {
      signal?.throwIfAborted();
      hash.update(chunk as Buffer);
      size += (chunk as Buffer).length;
      onBytes(size);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    return `${file.path}: unreadable after ${formatBytes(size)}: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (size !== file.size) return `${file.path}: ${size} bytes, ${file.size} were written`;
  return hash.digest('hex') === file.sha256 ? null : `${file.path}: its content changed (SHA-256)`;
}
