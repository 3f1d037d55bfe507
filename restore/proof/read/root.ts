import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { join, posix } from 'node:path';
import { readSmallFileNow } from '../../../common/files/read-small-file.ts';

const mostLinks = 40;
/** The largest text that is looked into, depmod's list of all modules, has one. Bytes. */
const textBytes = 4 << 20;

/**
 * The files of a mounted system. Links are followed inside it only: an absolute one starts at the root again and '..'
 * stops there, as after a chroot. Paths are absolute and the system's own. Nothing is written.
 */
export class Root {
  readonly directory: string;

  /** @param directory where it is mounted: '/mnt/target', or '/' for the running machine */
  constructor(directory: string) {
    this.directory = directory;
  }

  /** Path of this rescue for a path of the system, with all its links resolved; null when there is nothing. */
  locate(path: string): string | null {
    let left = path.split('/').filter((part) => part !== '' && part !== '.');
    let at: string[] = [];
    let links = 0;
    while (left.length > 0) {
      const [part = '', ...rest] = left;
      left = rest;
      if (part === '..') {
        at = at.slice(0, -1);
        continue;
      }
      const here = join(this.directory, ...at, part);
      const found = lstatSync(here, { throwIfNoEntry: false });
      if (found === undefined) return null;
      if (!found.isSymbolicLink()) {
        if (rest.length > 0 && !found.isDirectory()) return null;
        at.push(part);
        continue;
      }
      links += 1;
      if (links > mostLinks) return null;
      const target = readlinkSync(here);
      if (target.startsWith('/')) at = [];
      left = [...target.split('/').filter((word) => word !== '' && word !== '.'), ...left];
    }
    return join(this.directory, ...at);
  }

  stat(path: string): Stats | null {
    const place = this.locate(path);
    return place === null ? null : (lstatSync(place, { throwIfNoEntry: false }) ?? null);
  }

  isFile(path: string): boolean {
    return this.stat(path)?.isFile() === true;
  }

  isDirectory(path: string): boolean {
    return this.stat(path)?.isDirectory() === true;
  }

  /** Names in a directory, sorted; empty when it is none. */
  list(path: string): string[] {
    const place = this.locate(path);
    return place !== null && lstatSync(place).isDirectory() ? readdirSync(place).sort() : [];
  }

  /** A text file; null when it is not there. @throws NotASmallFile for one that is too large to be what it is named */
  text(path: string): string | null {
    const place = this.isFile(path) ? this.locate(path) : null;
    return place === null ? null : readSmallFileNow(place, { limit: textBytes }).toString('utf8');
  }

  /** The first bytes of a file; null when it is not there. */
  head(path: string, bytes: number): Buffer | null {
    const place = this.isFile(path) ? this.locate(path) : null;
    return place === null ? null : readAt(place, 0, bytes);
  }

  /** Where a link leads to, as it is written; null when the path itself is none. */
  linkTarget(path: string): string | null {
    const folder = this.locate(posix.dirname(path));
    if (folder === null) return null;
    const place = join(folder, posix.basename(path));
    return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(place) : null;
  }

  /** The first of several paths that is a file; null when none is. */
  firstFile(paths: readonly string[]): string | null {
    return paths.find((path) => this.isFile(path)) ?? null;
  }

  /** As on FAT, which knows no case: the path as it is really written; null when there is none. */
  findAnyCase(directory: string, path: string): string | null {
    let at = directory;
    for (const part of path.split('/').filter((word) => word !== '')) {
      const name = this.list(at).find((each) => each.toLowerCase() === part.toLowerCase());
      if (name === undefined) return null;
      at = posix.join(at, name);
    }
    return at;
  }
}

/** Bytes of a file or device; fewer at its end. */
export function readAt(file: string, position: number, bytes: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const target = Buffer.alloc(bytes);
    let got = 0;
    while (got < bytes) {
      const read = readSync(descriptor, target, got, bytes - got, position + got);
      if (read === 0) break;
      got += read;
    }
    return target.subarray(0, got);
  } finally {
    closeSync(descriptor);
  }
}
