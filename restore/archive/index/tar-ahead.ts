import { type Dirent, fstatSync } from 'node:fs';
import { readAhead } from '@rekindle/linux-syscalls';
import { aheadMemory } from '../frame-memory.ts';

/** Of each file, in bytes: as much as the kernel itself reads ahead. Of a larger one it does so when tar is there. */
const mostOfFile = 128 << 10;
/** What each file takes at least: its inode and its name, or a page. */
const leastOfFile = 4096;

/**
 * Lets the walk over a file system (`captureAttributes`) go before the tar --listed-incremental that saves all of it: what the walk opens is asked
 * of the disk, so that tar need not wait for one file after the other. The walk keeps to tar's order, and waits where it is too far ahead:
 * the disk always has something to do, also while tar looks at all directories first, and what it has read is still in memory when tar comes.
 */
export class TarAhead {
  readonly #memory: number;
  /** Bytes that each file takes that the walk has been at and tar has not: file `n` lies at `n % length`. */
  readonly #sizes: Uint32Array;
  #asked = 0;
  #walked = 0;
  #passed = 0;
  #waiting: PromiseWithResolvers<void> | null = null;

  /** @param memory that what is asked for and not read yet may take, bytes */
  constructor(memory: number = aheadMemory()) {
    this.#memory = memory;
    this.#sizes = new Uint32Array(Math.ceil(memory / leastOfFile) + 1);
  }

  /** tar has all directories in its archive first; then it goes from one to the next, and takes their files by name. */
  sort(entries: Dirent<Buffer>[]): Dirent<Buffer>[] {
    return entries.sort((a, b) => Number(a.isDirectory()) - Number(b.isDirectory()) || a.name.compare(b.name));
  }

  /** tar has been at so many files since its start; directories do not count. */
  tarPassed(files: number): void {
    for (const end = Math.min(files, this.#walked); this.#passed < end; this.#passed += 1) {
      const place = this.#passed % this.#sizes.length;
      this.#asked -= this.#sizes[place] ?? 0;
      this.#sizes[place] = 0;
    }
    this.#passed = Math.max(this.#passed, files);
    if (this.#asked >= this.#memory) return;
    this.#waiting?.resolve();
    this.#waiting = null;
  }

  tarEnded(): void {
    this.tarPassed(Number.POSITIVE_INFINITY);
  }

  /** The walk comes to a file, or to anything that is no directory. A promise: wait for it. */
  next(): Promise<void> | undefined {
    this.#walked += 1;
    this.#take(leastOfFile);
    if (this.#asked < this.#memory) return undefined;
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** @param fd the file that `next` was called for */
  willRead(fd: number): void {
    const size = Math.min(fstatSync(fd).size, mostOfFile);
    if (size > leastOfFile) this.#take(size - leastOfFile);
    if (size > 0) readAhead(fd, 0, size);
  }

  /** For the file that the walk is at. Where tar has gone by already nothing waits for it. */
  #take(size: number): void {
    const file = this.#walked - 1;
    if (file < this.#passed) return;
    const place = file % this.#sizes.length;
    this.#sizes[place] = (this.#sizes[place] ?? 0) + size;
    this.#asked += size;
  }
}
