import { mkdtemp, readdir, realpath, rmdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { MNT_DETACH, mount, mountFlags, umount } from '@rekindle/linux-syscalls';
import type { AgeRecipients } from '../restore/archive/age/recipients.ts';
import type { Archive } from '../restore/archive/set-schema.ts';
import type { VolumeWriter } from '../restore/archive/volumes/volume-writer.ts';
import { archiveName, type WriteArchiveOptions, writeArchive } from '../restore/archive/write-archive.ts';
import type { Layout, LayoutNode } from '../restore/layout/schema.ts';
import { assertPrivateMounts } from './namespace.ts';
import { isAlive, markOf, markPattern } from './process-mark.ts';
import type { Progress } from './progress.ts';
import { fileSystemIdOf, snapshotName } from './snapshots/lineage.ts';

export interface BackupOptions {
  layout: Layout;
  volumes: VolumeWriter;
  indexDirectory: string;
  /** Null: not encrypted. */
  recipients: AgeRecipients | null;
  /** Absolute paths of this machine that stay out. */
  exclude: readonly string[];
  /** Where tar leaves its snapshots, and what each builds on; without it there are none. */
  snapshots?: { directory: string; baseOf: (node: LayoutNode) => string | null };
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** Saves each mounted file system of the layout, the root first. */
export async function archiveFileSystems(options: BackupOptions): Promise<Archive[]> {
  const mounted = options.layout.nodes
    .flatMap((node) => (node.mount ? [{ node, at: node.mount.at }] : []))
    .toSorted((left, right) => (left.at < right.at ? -1 : 1));
  const archives: Archive[] = [];
  for (const [index, each] of mounted.entries()) {
    options.signal.throwIfAborted();
    archives.push(await withBindMount(each.at, (source) => archiveOne(options, each, source, index + 1)));
  }
  return archives;
}

async function archiveOne(
  options: BackupOptions,
  { node, at }: { node: LayoutNode; at: string },
  source: string,
  number: number,
): Promise<Archive> {
  const exclude: string[] = [];
  for (const path of options.exclude) {
    const inside = relative(at, await realpath(path).catch(() => path));
    if (inside !== '' && !inside.startsWith('..')) exclude.push(join(source, inside));
  }
  return writeArchive({
    source,
    mountPoint: at,
    node: node.id,
    volumes: options.volumes,
    indexDirectory: options.indexDirectory,
    recipients: options.recipients,
    number,
    exclude,
    ...snapshotOf(options, node, archiveName(number, at)),
    signal: options.signal,
    onProgress: ({ bytes, file }) =>
      options.onProgress({ phase: `save ${at}`, bytesTotal: node.usedBytes, bytesDone: bytes, note: file }),
  });
}

/** Only a file system that can be told from others gets a snapshot. */
function snapshotOf({ snapshots }: BackupOptions, node: LayoutNode, archive: string): Partial<WriteArchiveOptions> {
  const fileSystem = fileSystemIdOf(node);
  if (fileSystem === null) return {};
  const output = snapshots && join(snapshots.directory, snapshotName(archive));
  return { fileSystem, ...(output ? { snapshot: { base: snapshots.baseOf(node), output } } : {}) };
}

/**
 * A non-recursive bind mount shows what lies under the mount points. It is read-only, private to our mount namespace,
 * and never inside a folder that is removed with all it holds.
 */
async function withBindMount<T>(mountPoint: string, use: (source: string) => Promise<T>): Promise<T> {
  assertPrivateMounts();
  const { MS_BIND, MS_RDONLY, MS_REMOUNT } = mountFlags;
  const source = await mkdtemp(`/run/rekindle-source-${markOf(process.pid)}-`);
  try {
    mount(mountPoint, source, '', MS_BIND);
    try {
      mount('', source, '', MS_REMOUNT | MS_BIND | MS_RDONLY);
      return await use(source);
    } finally {
      umount(source, MNT_DETACH);
    }
  } finally {
    await rmdir(source);
  }
}

/** Removes the empty folders of runs that were killed; their mounts went with their namespaces. */
export async function removeStaleSources(): Promise<void> {
  for (const name of await readdir('/run')) {
    const mark = new RegExp(`^rekindle-source-${markPattern}-\\w+$`).exec(name)?.[1];
    if (mark !== undefined && !isAlive(mark)) await rmdir(join('/run', name));
  }
}
