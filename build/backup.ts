import { existsSync } from 'node:fs';
import { mkdtemp, readdir, realpath, rmdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { MNT_DETACH, mount, mountFlags, umount } from '@rekindle/linux-syscalls';
import type { AgeRecipients } from '../restore/archive/age/recipients.ts';
import type { Archive } from '../restore/archive/set-schema.ts';
import type { VolumeWriter } from '../restore/archive/volumes/volume-writer.ts';
import { writeArchive } from '../restore/archive/write-archive.ts';
import type { Layout } from '../restore/layout/schema.ts';
import { assertPrivateMounts } from './namespace.ts';
import type { Progress } from './progress.ts';

export interface BackupOptions {
  layout: Layout;
  volumes: VolumeWriter;
  indexDirectory: string;
  /** Null: not encrypted. */
  recipients: AgeRecipients | null;
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
    archives.push(await withBindMount(node.at, (source) => archiveOne(options, node, source, index + 1)));
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
    if (inside !== '' && !inside.startsWith('..')) exclude.push(join(source, inside));
  }
  return writeArchive({
    source,
    mountPoint: node.at,
    node: node.id,
    volumes: options.volumes,
    indexDirectory: options.indexDirectory,
    recipients: options.recipients,
    number,
    exclude,
    signal: options.signal,
    onProgress: ({ bytes, file }) =>
      options.onProgress({ phase: `save ${node.at}`, bytesTotal: node.usedBytes, bytesDone: bytes, note: file }),
  });
}

/**
 * A non-recursive bind mount shows what lies under the mount points. It is read-only, private to our mount namespace,
 * and never inside a folder that is removed with all it holds.
 */
async function withBindMount<T>(mountPoint: string, use: (source: string) => Promise<T>): Promise<T> {
  assertPrivateMounts();
  const { MS_BIND, MS_RDONLY, MS_REMOUNT } = mountFlags;
  await removeStale();
  const source = await mkdtemp(`/run/rekindle-source-${process.pid}-`);
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

/** Empty folders of runs that were killed; their mounts went with their namespaces. */
async function removeStale(): Promise<void> {
  for (const name of await readdir('/run')) {
    const pid = /^rekindle-source-(\d+)-\w+$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await rmdir(join('/run', name));
  }
}
