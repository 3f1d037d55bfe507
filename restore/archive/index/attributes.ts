import {
  closeSync,
  constants,
  type Dirent,
  lstatSync,
  opendirSync,
  openSync,
  readdirSync,
  type Stats,
  statfsSync,
} from 'node:fs';
import { relative } from 'node:path';
import { setImmediate as otherWork } from 'node:timers/promises';
import { ErrnoError, getInodeFlags, getProject } from '@rekindle/linux-syscalls';
import { escapePath } from './escape-path.ts';
import { readIndexBatches } from './index-reader.ts';
import type { AttributeRecord } from './index-records.ts';
import type { TarAhead } from './tar-ahead.ts';

/** Flags that people set (linux/fs.h FS_*_FL); the others belong to the file system itself. */
export const settableFlags =
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
/** statfs(2): file systems on which case folding is a choice, made for single folders. */
const extMagic = 0xef53;
const f2fsMagic = 0xf2f52010;

/**
 * What no tar and no chattr can bring back. Since 7.0 the kernel says 'case folding' of each file where names are compared so by nature
 * (vfat, exfat, NTFS, some xfs): what makes the file system makes that again, so it is no loss.
 */
const lost: readonly [flag: number, name: string, isChoice: (file: FlaggedFile) => boolean][] = [
  [0x800, 'fscrypt encryption', () => true],
  [0x100000, 'fs-verity', () => true],
  [
    0x40000000,
    'case folding',
    ({ fileSystem, isFolder }) => isFolder && (fileSystem === extMagic || fileSystem === f2fsMagic),
  ],
];

export interface FlaggedFile {
  /** As FS_IOC_GETFLAGS gives them. */
  flags: number;
  isFolder: boolean;
  /** statfs(2)'s f_type. */
  fileSystem: number;
}

/** Names of what a file has and no restore brings back; what its file system gives to all files is none of it. */
export function lossesOf(file: FlaggedFile): string[] {
  return lost.flatMap(([flag, name, isChoice]) => ((file.flags & flag) !== 0 && isChoice(file) ? [name] : []));
}

export interface CaptureOptions {
  signal?: AbortSignal;
  /** Gets a line for each file that has something no restore can bring back. */
  onNote?: (note: string) => void;
  /** Paths that stay out, absolute. */
  exclude?: readonly string[];
  /** A tar that reads the same files a little later. */
  ahead?: TarAhead;
}

/** Paths as tar spells them: './etc/fstab', './etc/' for a directory, './' for the root. */
export type Attributes = Omit<AttributeRecord, 'kind'>;

const slash = Buffer.from('/');

/**
 * Inode flags and project ids of the files and directories of one file system, those that have any; in constant memory.
 * Symbolic links and devices can have a project id on some file systems; no system call that old kernels have tells it.
 */
export async function* captureAttributes(root: string, options: CaptureOptions = {}): AsyncGenerator<Attributes> {
  const { ahead } = options;
  const top = lstatSync(root);
  const fileSystem = statfsSync(root).type;
  const excluded = new Set(options.exclude?.map((path) => `./${relative(root, path)}`));
  let turnEnds = 0;
  const look = (file: Buffer, path: Buffer, before?: TarAhead): Attributes | null => {
    const { flags, project } = attributesOf(file, before);
    const losses = lossesOf({ flags, isFolder: path.at(-1) === slash[0], fileSystem });
    if (losses.length > 0) options.onNote?.(`${escapePath(path)}: ${losses.join(' and ')} is not saved`);
    const settable = flags & settableFlags;
    return settable !== 0 || project !== 0 ? { path, flags: settable, project } : null;
  };
  const walk = async function* (directory: Buffer, path: Buffer, { size }: Stats): AsyncGenerator<Attributes> {
    const own = look(directory, path);
    if (own) yield own;
    const large = size > largeDirectory;
    // One by one they do not come in tar's order.
    const before = large ? undefined : ahead;
    for (const entry of large ? entriesOneByOne(directory) : entriesOf(directory, ahead)) {
      if (performance.now() > turnEnds) {
        await otherWork();
        options.signal?.throwIfAborted();
        turnEnds = performance.now() + turnMs;
      }
      const child = Buffer.concat([directory, slash, entry.name]);
      const childPath = Buffer.concat([path, entry.name]);
      if (excluded.size > 0 && excluded.has(childPath.toString())) continue;
      if (entry.isDirectory()) {
        const below = statOf(child, () => options.onNote?.(`${escapePath(childPath)}: ${pathTooLong}`));
        if (below?.dev === top.dev) yield* walk(child, Buffer.concat([childPath, slash]), below);
        continue;
      }
      const room = ahead?.next();
      if (room) await room;
      const found = entry.isFile() ? look(child, childPath, before) : null;
      if (found) yield found;
    }
  };
  yield* walk(Buffer.from(root), Buffer.from('./'), top);
}

const pathTooLong =
  'saved without some of its attributes: the flags and project ids below such a long path are not looked at';

/** Undefined: it vanished, or nobody can name it. @param onTooLong is called where its path has more bytes than the kernel takes */
function statOf(directory: Buffer, onTooLong: () => void): Stats | undefined {
  try {
    return lstatSync(directory, { throwIfNoEntry: false });
  } catch (error) {
    rethrowOurs(error);
    if (error instanceof Error && 'code' in error && error.code === 'ENAMETOOLONG') onTooLong();
    return undefined;
  }
}

/** What opendir(3) takes, as readdir does; its type does not know. */
const asBytes = { encoding: 'buffer' as unknown as BufferEncoding, bufferSize: 256 };

/** The system calls are made on this thread, for most take less than their way to another one. What else runs here has its turn this often. */
const turnMs = 4;

/** Bytes that a directory itself takes: some ten thousand names. Those of smaller ones are read at once, in half of the time. */
const largeDirectory = 1 << 20;

/** A directory that vanished meanwhile has no flags to keep; tar notes it. */
function entriesOf(directory: Buffer, ahead: TarAhead | undefined): Dirent<Buffer>[] {
  try {
    const entries = readdirSync(directory, { encoding: 'buffer', withFileTypes: true });
    return ahead ? ahead.sort(entries) : entries;
  } catch (error) {
    rethrowOurs(error);
    return [];
  }
}

/** As entriesOf, in constant memory. */
function* entriesOneByOne(directory: Buffer): Generator<Dirent<Buffer>> {
  try {
    using entries = opendirSync(directory, asBytes);
    for (let entry = entries.readSync(); entry; entry = entries.readSync()) {
      if (!hasBytes(entry)) throw new TypeError('opendir gave a name as text');
      yield entry;
    }
  } catch (error) {
    rethrowOurs(error);
  }
}

function hasBytes(entry: Dirent<string> | Dirent<Buffer>): entry is Dirent<Buffer> {
  return Buffer.isBuffer(entry.name);
}

function attributesOf(file: Buffer, before: TarAhead | undefined): { flags: number; project: number } {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    rethrowOurs(error);
    return { flags: 0, project: 0 };
  }
  try {
    before?.willRead(fd);
    return { flags: orNone(() => getInodeFlags(fd)), project: orNone(() => getProject(fd)) };
  } finally {
    closeSync(fd);
  }
}

/** A file system without flags, or without projects, has none. */
function orNone(ask: () => number): number {
  try {
    return ask();
  } catch (error) {
    if (error instanceof ErrnoError) return 0;
    throw error;
  }
}

/** What we lack, rather than what the file has, must not pass for 'nothing to keep'. */
function rethrowOurs(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (typeof code !== 'string' || code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM') throw error;
}

/** The attributes in a compressed index. @throws RekindleError RK340 to RK342; what `source` throws. */
export async function* readAttributes(source: AsyncIterable<Buffer>): AsyncGenerator<AttributeRecord> {
  for await (const records of readIndexBatches(source, (text, start) => text[start] === 'A'))
    for (const record of records) if (record.kind === 'attributes') yield record;
}
