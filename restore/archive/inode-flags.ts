import { createHash } from 'node:crypto';
import { type Dirent, lstatSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ErrnoError, getInodeFlags, setInodeFlags } from '@rekindle/linux-syscalls';
import { z } from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import type { SetFile } from './set-schema.ts';

/** Flags that people set (linux/fs.h FS_*_FL); the others belong to the file system itself. */
const settable =
  0x1 |
  0x2 |
  0x4 |
  0x8 |
  0x10 |
  0x20 |
  0x40 |
  0x80 |
  0x4000 |
  0x8000 |
  0x10000 |
  0x20000 |
  0x800000 |
  0x2000000 |
  0x20000000;
/** What no tar and no chattr can bring back. */
const lost: readonly [flag: number, name: string][] = [
  [0x800, 'fscrypt encryption'],
  [0x100000, 'fs-verity'],
  [0x40000000, 'case folding'],
];

/** Paths are bytes, relative to the file system's root, in base64. */
const flagsFileSchema = z.object({
  format: z.literal(1),
  entries: z.array(z.object({ path: z.base64(), flags: z.int() })),
});
export type FlagEntry = z.infer<typeof flagsFileSchema>['entries'][number];

const slash = Buffer.from('/');

/** Reads the inode flags of all files and directories of one file system. */
export async function captureInodeFlags(
  root: string,
  signal?: AbortSignal,
): Promise<{ entries: FlagEntry[]; notes: string[] }> {
  const result = { entries: [] as FlagEntry[], notes: [] as string[] };
  const device = lstatSync(root).dev;
  const look = (path: Buffer, relative: Buffer): void => {
    const flags = flagsOf(path);
    if ((flags & settable) !== 0) result.entries.push({ path: relative.toString('base64'), flags: flags & settable });
    for (const [flag, name] of lost)
      if ((flags & flag) !== 0) result.notes.push(`./${relative.toString()}: ${name} is not saved`);
  };
  const walk = async (path: Buffer, relative: Buffer): Promise<void> => {
    signal?.throwIfAborted();
    look(path, relative);
    for (const entry of await listOrNothing(path)) {
      const child = Buffer.concat([path, slash, entry.name]);
      const childRelative = relative.length === 0 ? entry.name : Buffer.concat([relative, slash, entry.name]);
      if (entry.isDirectory()) {
        if (deviceOf(child) === device) await walk(child, childRelative);
      } else if (entry.isFile()) look(child, childRelative);
    }
  };
  await walk(Buffer.from(root), Buffer.alloc(0));
  return result;
}

/** A directory that vanished meanwhile has no flags to keep; tar notes it. */
async function listOrNothing(path: Buffer): Promise<Dirent<Buffer>[]> {
  return readdir(path, { withFileTypes: true, encoding: 'buffer' }).catch((): Dirent<Buffer>[] => []);
}

function deviceOf(path: Buffer): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.dev ?? null;
}

function flagsOf(path: Buffer): number {
  try {
    return getInodeFlags(path);
  } catch (error) {
    if (error instanceof ErrnoError) return 0; // no flags on this file system, or the file is gone
    throw error;
  }
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
      setInodeFlags(target, (getInodeFlags(target) & ~settable) | flags);
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
