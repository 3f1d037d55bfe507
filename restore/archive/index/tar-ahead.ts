import type { Dirent } from 'node:fs';
import { readAhead } from '@rekindle/linux-syscalls';

/** Files that the walk may be ahead: the disk always has something to do, and what it has read is still in memory when tar comes. */
const mostAhead = 1024;
/** Of each file, in bytes: as much as the kernel itself reads ahead. Of a larger one it does so when tar is there. */
const mostBytes = 128 << 10;

/**
 * Lets the walk over a file system (`captureAttributes`) go before the tar --listed-incremental that saves all of it: what the walk opens is asked
 * of the disk, so that tar need not wait for one file after the other. The walk keeps to tar's order, and waits where it is too far ahead.
 */
export class TarAhead {
  #walked = 0;
  #passed = 0;
  #waiting: PromiseWithResolvers<void> | null = null;

  /** tar has all directories in its archive first; then it goes from one to the next, and takes their files by name. */
  sort(entries: Dirent<Buffer>[]): Dirent<Buffer>[] {
    return entries.sort((a, b) => Number(a.isDirectory()) - Number(b.isDirectory()) || a.name.compare(b.name));
  }

  /** tar has been at so many files since its start; directories do not count. */
  tarPassed(files: number): void {
    this.#passed = files;
    if (this.#walked - this.#passed >= mostAhead) return;
    this.#waiting?.resolve();
    this.#waiting = null;
  }

  tarEnded(): void {
    this.tarPassed(Number.POSITIVE_INFINITY);
  }

  /** The walk comes to a file, or to anything that is no directory. A promise: wait for it. */
  next(): Promise<void> | undefined {
    this.#walked += 1;
    if (this.#walked - this.#passed < mostAhead) return undefined;
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** @param fd a file that tar will read */
  willRead(fd: number): void {
    readAhead(fd, 0, mostBytes);
  }
}
