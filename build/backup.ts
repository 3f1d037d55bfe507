import { mkdir, realpath, rmdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { run } from '../common/run.ts';
import type { Archive } from '../restore/archive/set-schema.ts';
import { writeArchive } from '../restore/archive/write-archive.ts';
import type { Layout } from '../restore/layout/schema.ts';
import type { Progress } from './progress.ts';

export interface BackupOptions {
  layout: Layout;
  setDirectory: string;
  work: string;
  /** Absolute paths of this machine that stay out. */
  exclude: readonly string[];
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** Saves each mounted file system of the layout, the root first. */
export async function archiveFileSystems(options: BackupOptions): Promise<Archive[]> {
  const mounted = options.layout.nodes
    .flatMap((node) => (node.mount ? [{ id: node.id, at: node.mount.at, usedBytes: node.usedBytes }] : []))
    .toSorted((left, right) => (left.at < right.at ? -1 : 1));
  const archives: Archive[] = [];
  for (const [index, node] of mounted.entries()) {
    options.signal.throwIfAborted();
    archives.push(await withBindMount(node.at, options.work, (source) => archiveOne(options, node, source, index + 1)));
  }
  return archives;
}

async function archiveOne(
  options: BackupOptions,
  node: { id: string; at: string; usedBytes: number | null },
  source: string,
  number: number,
): Promise<Archive> {
  const exclude: string[] = [];
  for (const path of options.exclude) {
    const inside = relative(node.at, await realpath(path).catch(() => path));
    if (!inside.startsWith('..')) exclude.push(join(source, inside));
  }
  return writeArchive({
    source,
    mountPoint: node.at,
    node: node.id,
    setDirectory: options.setDirectory,
    number,
    exclude,
    signal: options.signal,
    onProgress: ({ bytes }) =>
      options.onProgress({ phase: `save ${node.at}`, bytesTotal: node.usedBytes, bytesDone: bytes }),
  });
}

/** A non-recursive bind mount shows what lies under the mount points. It is private to our mount namespace. */
async function withBindMount<T>(mountPoint: string, work: string, use: (source: string) => Promise<T>): Promise<T> {
  const source = join(work, 'source');
  await mkdir(source, { recursive: true });
  await run(['mount', '--bind', '-o', 'ro', mountPoint, source]);
  try {
    return await use(source);
  } finally {
    await run(['umount', source]);
    await rmdir(source);
  }
}
