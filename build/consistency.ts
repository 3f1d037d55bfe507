import { lstatSync } from 'node:fs';
import { type FileHandle, mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MNT_DETACH, mount, setMtime, umount } from '@rekindle/linux-syscalls';
import { RekindleError } from '../common/errors/error.ts';
import { within } from '../common/files/remove-tree.ts';
import { markPattern } from '../common/mark-pattern.ts';
import { run } from '../common/run.ts';
import type { Layout } from '../restore/layout/schema.ts';
import { openOurs, openParent } from './leftovers.ts';
import { assertPrivateMounts } from './namespace.ts';
import { deviceOf, makeMountFolder } from './private-mount.ts';
import { markOf, ownerOf } from './process-mark.ts';
import { type Source, sourceTitle } from './sources.ts';
import { copyVolumes, removeStaleCopies, type VolumeCopy } from './volume-copies.ts';

export const snapshotChoices = ['auto', 'never'] as const;
export type SnapshotChoice = (typeof snapshotChoices)[number];
export const defaultSnapshot: SnapshotChoice = 'auto';

/** Read-only copies of subvolumes, all taken at about one moment, before the first is read. */
export interface Frozen {
  /** The number of the subvolume to read instead; the source's own where it has no copy. */
  subvolumeOf: (source: Source) => number | undefined;
  /** The LVM snapshot to read instead; undefined where there is none. */
  copyOf: (source: Source) => VolumeCopy | undefined;
  /** Paths from the source's root that the copies are in: they stay out. */
  exclude: readonly string[];
  /** What is read while it may change, and why. */
  warnings: string[];
  /** Removes the copies. */
  remove: () => Promise<void>;
}

/** A folder in the top level: its owner's process id, so that the next run can tell what a killed one left. */
const folderPattern = new RegExp(`^\\.rekindle-${markPattern}-\\w{6}$`);

/**
 * Copies every subvolume that is to be saved, where that is possible. What earlier runs left is removed first, also when no copies
 * are wanted.
 */
export async function freeze(
  sources: readonly Source[],
  choice: SnapshotChoice,
  groups: Layout['groups'] = [],
): Promise<Frozen> {
  const frozen: { copies: Map<string, number>; exclude: string[]; warnings: string[]; undo: (() => Promise<void>)[] } =
    {
      ...{ copies: new Map(), exclude: [], warnings: [], undo: [] },
    };
  const remove = async (): Promise<void> => {
    const failures: string[] = [];
    for (const step of frozen.undo.splice(0).toReversed())
      await step().catch((error: unknown) => {
        failures.push(error instanceof RekindleError ? error.reason : String(error));
      });
    if (failures.length > 0) throw new RekindleError('RK003', failures.join('; '));
  };
  let volumes = new Map<string, VolumeCopy>();
  try {
    await removeStaleCopies(groups);
    if (choice !== 'never') volumes = await copyVolumes(sources, groups, frozen);
    for (const group of Map.groupBy(sources, ({ node }) => node.id).values()) {
      const [first] = group;
      if (first?.subvolume === undefined) continue;
      const top = await mountTop(await deviceOf(first));
      frozen.undo.push(top.unmount);
      try {
        await removeStale(top.directory);
        if (choice === 'never') continue;
        const folder = await makeFolder(top.directory, frozen.undo);
        frozen.exclude.push(folder.slice(top.directory.length + 1));
        for (const source of group) await copy(source, top.directory, folder, frozen);
      } catch (error) {
        // A file system that is read-only, or full: it is read as it is.
        if (!(error instanceof RekindleError) && !isRefusal(error)) throw error;
        frozen.warnings.push(`${sourceTitle(first)}: no snapshot was made: ${String(error)}`);
      }
    }
  } catch (error) {
    // The next run removes what stays now.
    await remove().catch(() => undefined);
    throw error;
  }
  return {
    subvolumeOf: (source) => frozen.copies.get(keyOf(source)) ?? source.subvolume?.id,
    copyOf: ({ node }) => volumes.get(node.id),
    exclude: frozen.exclude,
    warnings: frozen.warnings,
    remove,
  };
}

/** The top level keeps its time: it is not ours, and it is saved. */
async function makeFolder(top: string, undo: (() => Promise<void>)[]): Promise<string> {
  const { mtimeNs } = lstatSync(top, { bigint: true });
  const folder = await mkdtemp(join(top, `.rekindle-${markOf(process.pid)}-`));
  undo.push(async () => {
    const now = lstatSync(top, { bigint: true }).mtimeNs;
    await rmdir(folder);
    setMtime(Buffer.from(top), now);
  });
  setMtime(Buffer.from(top), mtimeNs);
  return folder;
}

function keyOf({ node, subvolume }: Source): string {
  return `${node.id} ${subvolume?.id}`;
}

async function copy(
  source: Source,
  top: string,
  folder: string,
  frozen: { copies: Map<string, number>; warnings: string[]; undo: (() => Promise<void>)[] },
): Promise<void> {
  if (source.subvolume === undefined) return;
  const { id, path } = source.subvolume;
  const made = join(folder, String(id));
  try {
    await run(['btrfs', 'subvolume', 'snapshot', '-r', join(top, path), made]);
  } catch (error) {
    // One that holds an active swap file cannot be copied.
    if (!(error instanceof RekindleError)) throw error;
    frozen.warnings.push(
      `${sourceTitle(source)}: no snapshot was made, it is read while it may change: ${error.reason}`,
    );
    return;
  }
  frozen.undo.push(async () => void (await run(['btrfs', 'subvolume', 'delete', made])));
  const { stdout } = await run(['btrfs', 'inspect-internal', 'rootid', made]);
  frozen.copies.set(keyOf(source), Number(stdout.trim()));
}

function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return ['EROFS', 'ENOSPC', 'EDQUOT'].includes(String(code));
}

/** The top level, writable; private, so that it goes with this process. */
async function mountTop(device: string): Promise<{ directory: string; unmount: () => Promise<void> }> {
  assertPrivateMounts();
  const directory = await makeMountFolder();
  try {
    mount(device, directory, 'btrfs', 0, 'subvolid=5');
  } catch (error) {
    await rmdir(directory);
    throw error;
  }
  return {
    directory,
    async unmount() {
      umount(directory, MNT_DETACH);
      await rmdir(directory);
    },
  };
}

/**
 * Could delete subvolumes: only read-only ones in a folder with our name whose process is gone, a real one that only root may write,
 * for the top level may be a user's.
 */
async function removeStale(top: string): Promise<void> {
  const parent = await openParent(top);
  try {
    for (const name of await readdir(top)) {
      const mark = folderPattern.exec(name)?.[1];
      if (mark === undefined || ownerOf(mark) !== 'gone') continue;
      const folder = await openOurs(parent, name);
      if (folder === null) continue;
      await removeCopies(folder).finally(() => folder.close());
      // Something else in it: it stays.
      await rmdir(within(parent, name)).catch(() => undefined);
    }
  } finally {
    await parent.close();
  }
}

async function removeCopies(folder: FileHandle): Promise<void> {
  // From within, whatever has the folder's name by now.
  const cwd = `/proc/${process.pid}/fd/${folder.fd}`;
  for (const id of await readdir(cwd)) {
    const path = `./${id}`;
    const argv = ['btrfs', 'property', 'get', '-t', 'subvol', path, 'ro'] as const;
    const { stdout, exitCode } = await run(argv, { cwd, okExit: [0, 1] });
    if (exitCode === 0 && stdout.trim() === 'ro=true') await run(['btrfs', 'subvolume', 'delete', path], { cwd });
  }
}
