import type { Content } from './schema.ts';

/** What must fit into a file system. */
export interface Load {
  /** Expanded: holes left out, compressed and shared data counted in full. */
  bytes: number;
  /** Files, directories, links, devices: each needs an inode. */
  files: number;
}

/** How a content is made at another size than it was saved with. Contents without one keep their size. */
export interface Resizer<C extends Content = Content> {
  /** False for one that keeps its size after all; without it every one can be resized. */
  applies?(content: C): boolean;
  /** The smallest device in bytes that holds the load, with a margin to live in and what the file system needs for itself. */
  minimumBytes(content: C, load: Load): number;
  /** The largest device in bytes that it can fill with these parameters. */
  maximumBytes(content: C): number;
  /** The same file system for a device of that size. */
  at(content: C, sizeBytes: number, load: Load): C;
}

/** A load with what every file system gets on top: a tenth, 64 MiB at least. A machine that starts with a full disk is no help. */
export function withMargin(bytes: number): number {
  return bytes + Math.max(64 * 2 ** 20, bytes / 10);
}
