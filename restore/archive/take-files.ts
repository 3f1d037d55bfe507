import { mkdirSync } from 'node:fs';
import { ErrnoError } from '@rekindle/linux-syscalls';
import { FrameTable } from '@rekindle/zstd-seekable';
import { RekindleError } from '../../common/errors/error.ts';
import { type FoundMember, findMembers } from './index/find-members.ts';
import { appendFrame, roomForFrames } from './index/frame-table.ts';
import { matchPaths } from './index/path-matcher.ts';
import { type ArchivePaths, archivesOf, machinePath, PathsToFind } from './machine-paths.ts';
import { indexBytes, type SetAccess } from './open-archive.ts';
import { damagedRanges, lostMembers } from './salvage.ts';
import type { Archive } from './set-schema.ts';
import { summarize } from './tar-messages.ts';
import { openRoot } from './target/beneath.ts';
import { assertMountPoints } from './target/mount-points.ts';
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
  signal?: AbortSignal;
  onProgress?: (progress: ArchiveProgress) => void;
}

/** What is taken of one archive. */
export interface Selection {
  archive: Archive;
  table: FrameTable;
  members: FoundMember[];
}

/**
 * Takes single files and folders out of a set, with owners and all attributes, reading only the frames that hold them. Whatever the
 * set and the target hold, nothing outside of the target is touched: see docs/architecture.md.
 * @returns the number of members. @throws RekindleError RK317 naming the paths that the set does not hold; RK374 naming what is in the way, before
 * anything is changed where it is there by then; RK375; what extracting throws
 */
export async function takeFiles(options: TakeOptions): Promise<number> {
  const archives = options.access.set.manifest?.archives ?? [];
  const selections: Selection[] = [];
  const asked = new PathsToFind(options.paths);
  for (const each of archivesOf(archives, options.paths)) selections.push(await select(options, each, asked));
  asked.assertAll();
  if (options.onLost)
    for (const [index, selection] of selections.entries()) selections[index] = await withoutDamaged(options, selection);
  assertMountPoints(selections);
  mkdirSync(options.target, { recursive: true });
  try {
    await putInto(options, selections);
  } catch (error) {
    throw describeFailure(error, options.target);
  }
  return selections.flatMap(({ members }) => members).filter(({ matches }) => matches).length;
}

/** What a system call says of the target is no bug of ours. */
function describeFailure(error: unknown, target: string): unknown {
  if (
    error instanceof RekindleError ||
    !((error instanceof Error && 'syscall' in error) || error instanceof ErrnoError)
  )
    return error;
  return new RekindleError('RK311', `${target}: ${error.message}`, { cause: error });
}

async function putInto(options: TakeOptions, selections: readonly Selection[]): Promise<void> {
  using root = openRoot(options.target);
  const sorted = selections.map(({ members, ...selection }) => ({
    ...selection,
    places: sortByPlace(root.fd, belowTarget(selection.archive), members),
  }));
  const shared: Shared = { ...options, root: root.fd, moved: { names: 0, refused: [] } };
  for (const { places, ...selection } of sorted)
    for (const place of places) await takeMembers(shared, selection, place);
  const { refused } = shared.moved;
  if (refused.length > 0)
    throw new RekindleError(
      'RK311',
      `${options.target} does not take everything: ${summarize(refused)}. The rest is there`,
    );
}

async function select(options: TakeOptions, { archive, names }: ArchivePaths, asked: PathsToFind): Promise<Selection> {
  const members: FoundMember[] = [];
  const table = new FrameTable(roomForFrames(archive));
  const found = findMembers(
    () => indexBytes(options.access, archive),
    matchPaths(names),
    (frame) => appendFrame(table, frame, false),
  );
  for await (const each of found) {
    members.push(each);
    if (each.matches) asked.found(machinePath(archive, each.member.path));
  }
  return { archive, table, members };
}

/** What does not touch a damaged frame, nor is a hard link to what does. */
async function withoutDamaged({ access, onLost }: TakeOptions, selection: Selection): Promise<Selection> {
  const { archive, table } = selection;
  if (selection.members.length === 0) return selection;
  const lost = new Set<string>();
  for await (const { path } of lostMembers(access, archive, await damagedRanges(access, archive, table)))
    lost.add(path.toString('latin1'));
  const members = selection.members.filter(({ member, matches }) => {
    const isLost = lost.has(member.path.toString('latin1'));
    if (isLost && matches) onLost?.(machinePath(archive, member.path));
    return !isLost;
  });
  return { ...selection, members };
}
