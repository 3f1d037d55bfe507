import { closeSync } from 'node:fs';
import { unlinkat } from '@rekindle/linux-syscalls';
import { describeDamage, extractInto } from '../extract-archive.ts';
import { membersStream } from '../members-stream.ts';
import { openArchive, type SetAccess } from '../open-archive.ts';
import type { Selection } from '../selection.ts';
import type { Archive } from '../set-schema.ts';
import { tarStageArgv } from '../tar-options.ts';
import type { ArchiveProgress } from '../write-archive.ts';
import {
  describeObstacle,
  folderFlags,
  isCode,
  makeFolders,
  partsOf,
  removeFile,
  splitPath,
  withBeneath,
} from './beneath.ts';
import { type Moved, moveIntoPlace } from './move-into-place.ts';
import { belowTarget, type Place } from './places.ts';
import { PromisedNames } from './promised-names.ts';
import { makeStaging, type Staging } from './staging.ts';

export interface Shared {
  access: SetAccess;
  /** `--to`, open. */
  root: number;
  moved: Moved;
  signal?: AbortSignal;
  onProgress?: (progress: ArchiveProgress) => void;
}

/**
 * Unpacks members of an archive into a private folder, then moves them into place. Whatever happens, that folder goes away.
 * @throws RekindleError RK006, RK305 to RK311, RK374, RK375
 */
export async function takeMembers(shared: Shared, selection: Selection, place: Place): Promise<void> {
  const { root, moved, signal } = shared;
  const staging = makeStaging(root, place.folders);
  let isDone = false;
  try {
    await unpack(shared, selection, place, staging.tree);
    const isWanted = (path: string): boolean => place.wanted.has(Buffer.from(path, 'latin1'));
    // They came only because a hard link that was asked for is another name of them.
    if (place.hasExtras)
      for await (const { member, matches } of selection.members(shared.access, place.runs))
        if (!matches) removeExtra(staging.tree, member.path, isWanted);
    const to = openTarget(root, belowTarget(selection.archive));
    try {
      await moveIntoPlace({ from: staging.tree, to, path: '.', isWanted, moved, ...(signal ? { signal } : {}) });
    } finally {
      closeSync(to);
    }
    isDone = true;
  } finally {
    removeStaging(staging, isDone);
  }
}

/** What went wrong before is what counts. */
function removeStaging(staging: Staging, isDone: boolean): void {
  try {
    staging.remove();
  } catch (error) {
    if (isDone) throw error;
  }
}

async function unpack(
  { access, moved, signal, onProgress }: Shared,
  selection: Selection,
  { runs }: Place,
  tree: number,
): Promise<void> {
  const { archive, table } = selection;
  // Of this process, for tar has other descriptors.
  const target = `/proc/${process.pid}/fd/${tree}`;
  const promised = new PromisedNames(selection.members(access, runs), archive);
  const source = await openArchive(access, archive);
  try {
    await extractInto(
      {
        ...{ access, archive, target, onNote: (note: string) => moved.notTaken.add(note) },
        ...(signal ? { signal } : {}),
        ...(onProgress ? { onProgress } : {}),
      },
      {
        argv: tarStageArgv(target),
        inPlace: null,
        onMember: (member) => promised.follow(member),
        onShortcomings: (messages) => moved.notTaken.add(...messages),
      },
      inStep(withoutSurprise(membersStream(source, table, runs), archive), promised),
    );
    promised.end();
  } finally {
    await promised.close();
    await source.close();
  }
}

async function* withoutSurprise(content: AsyncIterable<Buffer>, archive: Archive): AsyncGenerator<Buffer> {
  try {
    yield* content;
  } catch (error) {
    throw describeDamage(error, archive);
  }
}

/** What is promised of a piece is known before the piece goes on. */
async function* inStep(content: AsyncIterable<Buffer>, promised: PromisedNames): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    await promised.reach(bytes);
    yield piece;
  }
}

/** With the folders that only led to it. */
function removeExtra(tree: number, path: Buffer, isWanted: (path: string) => boolean): void {
  removeFile(tree, path);
  let { folder, name } = splitPath(path);
  while (folder.toString() !== '.' && !isWanted(spelled(folder))) {
    ({ folder, name } = splitPath(folder));
    try {
      withBeneath(tree, folder, folderFlags, (parent) => unlinkat(parent, name, 'directory'));
    } catch (error) {
      if (isCode(error, 'ENOTEMPTY')) return;
      throw error;
    }
  }
}

/** './etc/' -> './etc', './' -> '.'; in latin1 */
function spelled(path: Buffer): string {
  return ['.', ...partsOf(path)].join('/');
}

function openTarget(root: number, path: Buffer): number {
  try {
    return makeFolders(root, path);
  } catch (error) {
    throw describeObstacle(root, path, error, 'RK374');
  }
}
