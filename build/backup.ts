import { realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { AgeRecipients } from '../restore/archive/age/recipients.ts';
import { writeRawArchive } from '../restore/archive/raw/write-raw.ts';
import type { Archive } from '../restore/archive/set-schema.ts';
import type { VolumeWriter } from '../restore/archive/volumes/volume-writer.ts';
import { archiveName, type WriteArchiveOptions, writeArchive } from '../restore/archive/write-archive.ts';
import { describeNotSaved } from '../restore/layout/btrfs-subvolumes.ts';
import { savedName } from '../restore/layout/saved-name.ts';
import type { Layout, LayoutNode } from '../restore/layout/schema.ts';
import { type Frozen, freeze, type SnapshotChoice } from './consistency.ts';
import { assertStillThere, deviceNow } from './device-now.ts';
import { withPrivateMount } from './private-mount.ts';
import type { Progress } from './progress.ts';
import { snapshotName } from './snapshots/lineage.ts';
import { type Source, sourcesOf, sourceTitle } from './sources.ts';
import type { UndoList } from './undo.ts';
import { assertWhole } from './volume-copies.ts';

export interface BackupOptions {
  layout: Layout;
  volumes: VolumeWriter;
  indexDirectory: string;
  /** Null: not encrypted. */
  recipients: AgeRecipients | null;
  /** Absolute paths of this machine that stay out. */
  exclude: readonly string[];
  /** Where tar leaves its snapshots, and what each builds on; without it there are none. */
  snapshots?: { directory: string; baseOf: (source: Source) => string | null };
  /** Whether file systems are read from snapshots where that is possible; it is. */
  snapshot?: SnapshotChoice;
  /** Gets what is read while it may change, though a snapshot was tried, and what is not saved. */
  onWarning?: (warning: string) => void;
  signal: AbortSignal;
  /** Gets what removes the snapshots. */
  undo?: UndoList;
  onProgress: (progress: Progress) => void;
}

/** Saves each mounted file system of the layout, the root first: btrfs and what lies on LVM from snapshots of one moment. */
export async function archiveFileSystems(options: BackupOptions): Promise<Archive[]> {
  const sources = sourcesOf(options.layout);
  const frozen = await freeze(sources, options.snapshot ?? 'auto', options.layout.groups);
  const remove = options.undo?.add(frozen.remove) ?? frozen.remove;
  try {
    for (const warning of [...frozen.warnings, ...notSavedOf(options.layout)]) options.onWarning?.(warning);
    const archives: Archive[] = [];
    for (const [index, each] of sources.entries()) {
      options.signal.throwIfAborted();
      const number = index + 1;
      archives.push(
        each.raw === undefined
          ? await archiveFrozen(options, each, { number, frozen })
          : await archiveRaw(options, each.node, each.raw.type, number),
      );
    }
    return archives;
  } finally {
    await (options.undo === undefined ? remove() : remove().catch(() => undefined));
  }
}

function notSavedOf(layout: Layout): string[] {
  return layout.nodes.flatMap(({ id, content }) =>
    content?.kind === 'btrfs' && content.notSaved
      ? [`${savedName(layout, id)}: ${describeNotSaved(content.notSaved)}`]
      : [],
  );
}

async function archiveRaw(
  { layout, volumes, indexDirectory, recipients, signal, onProgress }: BackupOptions,
  node: LayoutNode,
  type: string,
  number: number,
): Promise<Archive> {
  const device = deviceNow(layout, node);
  await assertStillThere(device, node, type);
  return writeRawArchive({
    ...{ device, type, node: node.id, volumes, indexDirectory, recipients, number, signal },
    onProgress: ({ bytes }) => onProgress({ phase: `save ${device}`, bytesTotal: null, bytesDone: bytes, note: type }),
  });
}

async function archiveFrozen(
  options: BackupOptions,
  source: Source,
  at: { number: number; frozen: Frozen },
): Promise<Archive> {
  const copy = at.frozen.copyOf(source);
  const from = { subvolume: at.frozen.subvolumeOf(source), copy };
  const archive = await withPrivateMount(source, from, (directory) => archiveOne(options, source, directory, at));
  if (copy !== undefined) await assertWhole(copy, sourceTitle(source));
  return archive;
}

async function archiveOne(
  options: BackupOptions,
  source: Source,
  directory: string,
  { number, frozen }: { number: number; frozen: Frozen },
): Promise<Archive> {
  const { node, mountPoint, subvolume, device } = source;
  return writeArchive({
    source: directory,
    mountPoint,
    node: node.id,
    volumes: options.volumes,
    indexDirectory: options.indexDirectory,
    recipients: options.recipients,
    number,
    exclude: [
      ...(await excludedIn(options, source, directory)),
      ...(subvolume?.path === '' ? frozen.exclude.map((path) => join(directory, path)) : []),
    ],
    ...(subvolume === undefined ? {} : { subvolume: subvolume.path }),
    ...(device === undefined ? {} : { device }),
    ...snapshotOf(options, source, archiveName(number, mountPoint)),
    ...(options.onWarning ? { onWarning: options.onWarning } : {}),
    signal: options.signal,
    onProgress: ({ bytes, file }) =>
      options.onProgress({
        phase: `save ${sourceTitle(source)}`,
        bytesTotal: node.usedBytes,
        bytesDone: bytes,
        note: file,
      }),
  });
}

/** Our own output and work space, wherever the machine shows them; subvolumes below, which have archives of their own. */
async function excludedIn(options: BackupOptions, { places, subvolume }: Source, directory: string): Promise<string[]> {
  const excluded = (subvolume?.below ?? []).map((path) => join(directory, path));
  for (const path of options.exclude) {
    const real = await realpath(path).catch(() => path);
    for (const place of places) {
      const inside = relative(place, real);
      if (inside !== '' && !inside.startsWith('..')) excluded.push(join(directory, inside));
    }
  }
  return excluded;
}

/** Only a file system that can be told from others gets a snapshot. */
function snapshotOf({ snapshots }: BackupOptions, source: Source, archive: string): Partial<WriteArchiveOptions> {
  const { fileSystem } = source;
  if (fileSystem === null) return {};
  const output = snapshots && join(snapshots.directory, snapshotName(archive));
  return { fileSystem, ...(output ? { snapshot: { base: snapshots.baseOf(source), output } } : {}) };
}
