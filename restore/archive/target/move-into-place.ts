import { closeSync, fchmodSync, lstatSync } from 'node:fs';
import { setImmediate as otherWork } from 'node:timers/promises';
import { renameat2, unlinkat } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { escapePath } from '../index/escape-path.ts';
import { folderFlags, isCode, obstacleNow, openBeneath, pathOf } from './beneath.ts';
import { attributesOf, giveAttributes } from './folder-attributes.ts';
import type { NotTaken } from './not-taken.ts';
import { makeWritable, namesIn, openOwn, removeOwn } from './staging.ts';

/** What else runs here has its turn this often. */
const turnMs = 4;

export interface Moved {
  /** Names that are in place; a folder that came as a whole is one. */
  names: number;
  notTaken: NotTaken;
}

export interface MoveOptions {
  /** Open folder that was unpacked. It is empty afterwards. */
  from: number;
  /** Open folder that gets what is in it. */
  to: number;
  /** Where that is in the archive, in latin1 without a slash at its end: '.', './etc'. */
  path: string;
  /** Whether a folder of that path is asked for itself; else it only leads to what is. */
  isWanted: (path: string) => boolean;
  moved: Moved;
  signal?: AbortSignal;
}

/**
 * Moves what was unpacked to its place, each name in one step: files replace files, a folder that is there keeps what else it holds.
 * Nothing is opened or changed by way of a link: both ends are open folders.
 * @throws RekindleError RK374 for what has something else in its way, RK311, RK006
 */
export async function moveIntoPlace(options: MoveOptions): Promise<void> {
  await new Mover(options).merge(options.from, options.to, options.path, null);
}

class Mover {
  readonly #options: MoveOptions;
  #turnEnds = performance.now() + turnMs;

  constructor(options: MoveOptions) {
    this.#options = options;
  }

  /** @param mode of `from`, where it had to be changed to open it */
  async merge(from: number, to: number, path: string, mode: number | null): Promise<void> {
    const { isWanted, moved } = this.#options;
    const attributes = isWanted(path) ? attributesOf(from, this.#options.from) : null;
    makeWritable(from);
    for (const { name, isDirectory } of namesIn(from)) {
      await this.#breathe();
      const below = `${path}/${name.toString('latin1')}`;
      if (!isDirectory) this.#rename({ from, to, name }, below);
      else await this.#takeFolder({ from, to, name }, below);
    }
    if (attributes === null) return;
    const refused = giveAttributes(to, mode === null ? attributes : { ...attributes, mode });
    if (refused.length > 0) moved.notTaken.add(`${wordsOf(path)}: ${refused.join(', ')}`);
  }

  async #takeFolder(names: Names, path: string): Promise<void> {
    const there = this.#openThere(names, path);
    if (there === null) return this.#renameFolder(names, path);
    try {
      const mode = lstatSync(pathOf(names.from, names.name)).mode & 0o7777;
      const own = openOwn(names.from, names.name);
      try {
        await this.merge(own, there, path, mode);
      } finally {
        closeSync(own);
      }
      unlinkat(names.from, names.name, 'directory');
    } finally {
      closeSync(there);
    }
  }

  /** Null: nothing has that name yet. */
  #openThere({ to, name }: Names, path: string): number | null {
    try {
      return openBeneath(to, name, folderFlags);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return null;
      throw this.#describe({ to, name }, path, error);
    }
  }

  /** With all that is in it. */
  #renameFolder(names: Names, path: string): void {
    if (process.geteuid?.() === 0) {
      this.#rename(names, path);
      return;
    }
    const { mode } = lstatSync(pathOf(names.from, names.name));
    const own = openOwn(names.from, names.name);
    try {
      makeWritable(own);
      if (this.#rename(names, path)) fchmodSync(own, mode & 0o7777);
    } finally {
      closeSync(own);
    }
  }

  /** False: the target keeps this one name as it is; that is told, and the rest goes on. */
  #rename({ from, to, name }: Names, path: string): boolean {
    try {
      renameat2({ directory: from, name }, { directory: to, name });
    } catch (error) {
      if (!isCode(error, ...ofOneName)) throw this.#describe({ to, name }, path, error);
      this.#options.moved.notTaken.add(`${wordsOf(path)}: ${whyKept(error)}`);
      removeOwn(from, name);
      return false;
    }
    this.#options.moved.names += 1;
    return true;
  }

  #describe({ to, name }: Omit<Names, 'from'>, path: string, error: unknown): unknown {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (isCode(error, 'ELOOP', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'EEXIST'))
      return this.#withCount('RK374', `${wordsOf(path)}: there ${obstacleNow(to, name) ?? 'is a folder'}`, error);
    return this.#withCount('RK311', `${wordsOf(path)}: ${code}`, error);
  }

  #withCount(code: 'RK311' | 'RK374', reason: string, cause: unknown): RekindleError {
    const { names } = this.#options.moved;
    const before = names === 0 ? 'nothing was put in place' : `${names} names were put in place before it`;
    return new RekindleError(code, `${reason}; ${before}`, { cause });
  }

  async #breathe(): Promise<void> {
    if (performance.now() < this.#turnEnds) return;
    await otherWork();
    const { signal, moved } = this.#options;
    if (signal?.aborted)
      throw new RekindleError('RK006', `while files were moved into place: ${moved.names} names were by then`);
    this.#turnEnds = performance.now() + turnMs;
  }
}

/** What is in the way of one name, and says nothing of others: a mount, an immutable file, a border of quotas. */
const ofOneName = ['EBUSY', 'EPERM', 'EACCES', 'EXDEV', 'ETXTBSY'] as const;

function whyKept(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const words = isCode(error, 'EBUSY') ? 'something is mounted there' : 'what is there cannot be replaced';
  return `${words} (${code})`;
}

interface Names {
  /** Open folders. */
  from: number;
  to: number;
  name: Buffer;
}

function wordsOf(path: string): string {
  return escapePath(Buffer.from(path, 'latin1'));
}
