import { ErrnoError } from '@rekindle/linux-syscalls';
import { FrameTable } from '@rekindle/zstd-seekable';
import { RekindleError } from '../../common/errors/error.ts';
import { systemFailure } from '../../common/errors/system-error.ts';
import { findMembers } from './index/find-members.ts';
import { appendFrame, roomForFrames } from './index/frame-table.ts';
import { matchPaths } from './index/path-matcher.ts';
import { type ArchivePaths, archivesOf, machinePath, PathsToFind } from './machine-paths.ts';
import { indexBytes, type SetAccess } from './open-archive.ts';
import { damagedRanges, lostMembers } from './salvage.ts';
import { Selection } from './selection.ts';
import { openRoot } from './target/beneath.ts';
import { makePath } from './target/make-path.ts';
import { MountPoints } from './target/mount-points.ts';
import { NotTaken } from './target/not-taken.ts';
import { belowTarget, sortByPlace } from './target/places.ts';
import { type Shared, takeMembers } from './target/take-members.ts';
import type { ArchiveProgress } from './write-archive.ts';

export interface TakeOptions {
  access: SetAccess;
  /** Paths of the saved machine; a folder with all that is below it. */
  paths: readonly string[];
  /** They come out below it under their whole paths: TARGET/etc/fstab. Its own path may hold links. */
  target: string;
  /** Given: go on past damage; called with each file that is lost. Without it damage is an error. */
  onLost?: (machinePath: Buffer) => void;
  /** Given: go on past what the target does not take; called with a line for each, at the end. Without it that is an error. */
  onNotTaken?: (line: string) => void;
  signal?: AbortSignal;
  onProgress?: (progress: ArchiveProgress) => void;
}

/**
 * Takes single files and folders out of a set, with owners and all attributes, reading only the frames that hold them. Whatever the
 * set and the target hold, nothing outside of the target is touched: see docs/architecture.md. Memory does not grow with the members.
 * @returns the number of members. @throws RekindleError RK317 naming the paths that the set does not hold; RK374 naming what is in the way, before
 * anything is changed where it is there by then; RK375; what extracting throws
 */
export async function takeFiles(options: TakeOptions): Promise<number> {
  const asked = archivesOf(options.access.set.manifest?.archives ?? [], options.paths);
  const mounts = new MountPoints(asked);
  const left = new PathsToFind(options.paths, options.access.set);
  const selections: Selection[] = [];
  for (const each of asked) selections.push(await select(options, each, left, mounts));
  left.assertAll();
  if (options.onLost)
    for (const [index, selection] of selections.entries()) selections[index] = await withoutDamaged(options, selection);
  makePath(options.target);
  try {
    return await putInto(options, selections, mounts);
  } catch (error) {
    throw describeFailure(error, options.target);
  }
}

/** What a system call says of the target is no bug of ours. */
function describeFailure(error: unknown, target: string): unknown {
  if (
    error instanceof RekindleError ||
    !((error instanceof Error && 'syscall' in error) || error instanceof ErrnoError)
  )
    return error;
  const hint = systemFailure(error)?.hint;
  return new RekindleError('RK311', `${target}: ${error.message}`, { ...(hint ? { hint } : {}), cause: error });
}

async function putInto(options: TakeOptions, selections: readonly Selection[], mounts: MountPoints): Promise<number> {
  using root = openRoot(options.target);
  const notTaken = new NotTaken();
  let count = 0;
  const counted = async function* (selection: Selection): ReturnType<Selection['members']> {
    for await (const found of selection.members(options.access)) {
      if (found.matches && !mounts.isHidden(selection.archive, found.member)) count += 1;
      yield found;
    }
  };
  const sorted = [];
  for (const selection of selections) {
    const at = belowTarget(selection.archive);
    sorted.push({ selection, places: await sortByPlace(root.fd, at, counted(selection), notTaken) });
  }
  const shared: Shared = { ...options, root: root.fd, moved: { names: 0, notTaken } };
  for (const { selection, places } of sorted) for (const place of places) await takeMembers(shared, selection, place);
  if (notTaken.count === 0) return count;
  if (options.onNotTaken === undefined)
    throw new RekindleError(
      'RK311',
      `${options.target} does not take everything: ${notTaken.lines(5).join('; ')}. The rest is there`,
    );
  for (const line of notTaken.lines()) options.onNotTaken(line);
  return count;
}

async function select(
  { access }: TakeOptions,
  { archive, names }: ArchivePaths,
  asked: PathsToFind,
  mounts: MountPoints,
): Promise<Selection> {
  const matcher = matchPaths(names);
  const selection = new Selection(archive, new FrameTable(roomForFrames(archive)), matcher);
  const found = findMembers(
    () => indexBytes(access, archive),
    matcher,
    (frame) => appendFrame(selection.table, frame, false),
  );
  for await (const each of found) {
    mounts.assertFolder(archive, each.member);
    selection.add(each);
    if (each.matches) asked.found(machinePath(archive, each.member.path));
  }
  return selection;
}

/** What does not touch a damaged frame, nor is a hard link to what does. */
async function withoutDamaged({ access, onLost }: TakeOptions, selection: Selection): Promise<Selection> {
  const { archive, table, matcher } = selection;
  if (selection.isEmpty) return selection;
  const lost = new Set<string>();
  for await (const { path } of lostMembers(access, archive, await damagedRanges(access, archive, table)))
    lost.add(path.toString('latin1'));
  const sound = new Selection(archive, table, matcher);
  for await (const found of selection.members(access))
    if (!lost.has(found.member.path.toString('latin1'))) sound.add(found);
    else if (found.matches) onLost?.(machinePath(archive, found.member.path));
  return sound;
}
