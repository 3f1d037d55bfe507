import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getInodeFlags, setInodeFlags } from '@rekindle/linux-syscalls';
import { z } from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { captureAttributes, settableFlags } from './index/attributes.ts';
import type { SetFile } from './set-schema.ts';

/** Paths are bytes, relative to the file system's root, in base64. */
const flagsFileSchema = z.object({
  format: z.literal(1),
  entries: z.array(z.object({ path: z.base64(), flags: z.int() })),
});
export type FlagEntry = z.infer<typeof flagsFileSchema>['entries'][number];

/** Reads the inode flags of all files and directories of one file system. */
export async function captureInodeFlags(
  root: string,
  signal?: AbortSignal,
): Promise<{ entries: FlagEntry[]; notes: string[] }> {
  const entries: FlagEntry[] = [];
  const notes: string[] = [];
  const onNote = (note: string): void => void notes.push(note);
  for await (const { path, flags } of captureAttributes(root, { onNote, ...(signal ? { signal } : {}) }))
    if (flags !== 0) entries.push({ path: withoutDots(path).toString('base64'), flags });
  return { entries, notes };
}

/** './a/' -> 'a', './' -> '' */
function withoutDots(path: Buffer): Buffer {
  return path.subarray(2, path.at(-1) === 0x2f ? Math.max(2, path.length - 1) : undefined);
}

/** Writes the file when there is anything to write. */
export async function writeFlagsFile(
  setDirectory: string,
  path: string,
  entries: readonly FlagEntry[],
): Promise<SetFile | null> {
  if (entries.length === 0) return null;
  const text = `${JSON.stringify({ format: 1, entries })}\n`;
  await writeFile(join(setDirectory, path), text, { mode: 0o600 });
  return { path, size: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}

/** Sets the saved flags below `root`, children before their directories. @throws RekindleError RK311 naming the file. */
export async function replayInodeFlags(file: string, root: string): Promise<number> {
  const { entries } = flagsFileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  for (const { path, flags } of entries.toReversed()) {
    const bytes = Buffer.from(path, 'base64');
    const target = bytes.length === 0 ? Buffer.from(root) : Buffer.concat([Buffer.from(`${root}/`), bytes]);
    try {
      setInodeFlags(target, (getInodeFlags(target) & ~settableFlags) | flags);
    } catch (error) {
      throw new RekindleError(
        'RK311',
        `inode flags 0x${flags.toString(16)} of ${bytes.toString()}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }
  return entries.length;
}
