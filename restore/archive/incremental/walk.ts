import { type BigIntStats, type Dirent, lstatSync } from 'node:fs';
import { opendir } from 'node:fs/promises';

export interface WalkEntry {
  /** Where it is. */
  file: Buffer;
  /** As tar spells it: './etc/fstab', './etc/' for a directory, './' for the root. */
  path: Buffer;
  isDirectory: boolean;
  isLink: boolean;
}

/** What opendir(3) takes, as readdir does; its type does not know. */
const asBytes = { encoding: 'buffer' as unknown as BufferEncoding, bufferSize: 256 };
const slash = Buffer.from('/');

function bytesOf(entry: Dirent<string> | Dirent<Buffer>): Buffer {
  if (!Buffer.isBuffer(entry.name)) throw new TypeError('opendir gave a name as text');
  return entry.name;
}

/** Everything of one file system from its root, a directory before what is in it; in constant memory. What vanishes meanwhile is left out. */
export async function* walkFileSystem(root: string, signal?: AbortSignal): AsyncGenerator<WalkEntry> {
  const device = lstatSync(root, { bigint: true }).dev;
  const walk = async function* (file: Buffer, path: Buffer): AsyncGenerator<WalkEntry> {
    yield { file, path, isDirectory: true, isLink: false };
    for await (const entry of entriesOf(file)) {
      signal?.throwIfAborted();
      const name = bytesOf(entry);
      const child = Buffer.concat([file, slash, name]);
      if (!entry.isDirectory())
        yield { file: child, path: Buffer.concat([path, name]), isDirectory: false, isLink: entry.isSymbolicLink() };
      else if (statOf(child)?.dev === device) yield* walk(child, Buffer.concat([path, name, slash]));
    }
  };
  yield* walk(Buffer.from(root), Buffer.from('./'));
}

/** What its owner can do to a file meanwhile, or from the start: remove it, put another kind in its place, give it too long a path. */
const byItsOwner: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

function rethrowOthers(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && byItsOwner.includes(error.code))) throw error;
}

/** Undefined: it is not there, or has no name that the kernel takes. */
export function statOf(file: Buffer): BigIntStats | undefined {
  try {
    return lstatSync(file, { bigint: true });
  } catch (error) {
    rethrowOthers(error);
    return undefined;
  }
}

async function* entriesOf(directory: Buffer): AsyncGenerator<Dirent<string> | Dirent<Buffer>> {
  try {
    yield* await opendir(directory, asBytes);
  } catch (error) {
    rethrowOthers(error);
  }
}
