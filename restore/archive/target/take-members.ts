import { closeSync } from 'node:fs';
import { unlinkat } from '@rekindle/linux-syscalls';
import type { FrameTable } from '@rekindle/zstd-seekable';
import { RekindleError } from '../../../common/errors/error.ts';
import { describeDamage, extractInto } from '../extract-archive.ts';
import { escapePath } from '../index/escape-path.ts';
import type { FoundMember } from '../index/find-members.ts';
import type { TarMember } from '../index/tar-members.ts';
import { membersStream } from '../members-stream.ts';
import { openArchive, type SetAccess } from '../open-archive.ts';
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
export async function takeMembers(
  shared: Shared,
  selection: { archive: Archive; table: FrameTable },
  { members, folders }: Place,
): Promise<void> {
  const { root, moved, signal } = shared;
  const staging = makeStaging(root, folders);
  let isDone = false;
  try {
    await unpack(shared, selection, members, staging.tree);
    const wanted = new Set(members.flatMap(({ member }) => (member.type === 'd' ? [spelled(member.path)] : [])));
    const isWanted = (path: string): boolean => wanted.has(path);
    // They came only because a hard link that was asked for is another name of them.
    for (const { member, matches } of members) if (!matches) removeExtra(staging.tree, member.path, isWanted);
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
  { archive, table }: { archive: Archive; table: FrameTable },
  members: readonly FoundMember[],
  tree: number,
): Promise<void> {
  // Of this process, for tar has other descriptors.
  const target = `/proc/${process.pid}/fd/${tree}`;
  const check = new PromisedNames(members, archive);
  const source = await openArchive(access, archive);
  try {
    await extractInto(
      {
        ...{ access, archive, target, onNote: (note: string) => void moved.refused.push(note) },
        ...(signal ? { signal } : {}),
        ...(onProgress ? { onProgress } : {}),
      },
      {
        argv: tarStageArgv(target),
        inPlace: null,
        onMember: (member) => check.follow(member),
        onShortcomings: (messages) => void moved.refused.push(...messages),
      },
      withoutSurprise(membersStream(source, table, members), archive),
    );
  } finally {
    await source.close();
  }
  check.end();
}

async function* withoutSurprise(content: AsyncIterable<Buffer>, archive: Archive): AsyncGenerator<Buffer> {
  try {
    yield* content;
  } catch (error) {
    throw describeDamage(error, archive);
  }
}

/** Members come out as the index names them, and no others. */
class PromisedNames {
  readonly #members: readonly FoundMember[];
  readonly #archive: Archive;
  #next = 0;

  constructor(members: readonly FoundMember[], archive: Archive) {
    this.#members = members;
    this.#archive = archive;
  }

  /** @throws RekindleError RK375 */
  follow(found: TarMember): void {
    const promised = this.#members[this.#next]?.member;
    this.#next += 1;
    const isSame =
      promised?.path.equals(found.path) &&
      promised.type === found.type &&
      promised.length === found.length &&
      (promised.linkPath ?? Buffer.alloc(0)).equals(found.linkPath ?? Buffer.alloc(0));
    if (!isSame) throw this.#differs(`it has ${escapePath(found.path)}`, promised);
  }

  /** @throws RekindleError RK375 */
  end(): void {
    const promised = this.#members[this.#next]?.member;
    if (promised) throw this.#differs('it ends', promised);
  }

  #differs(words: string, promised: FoundMember['member'] | undefined): RekindleError {
    const wanted = promised === undefined ? 'nothing more' : escapePath(promised.path);
    return new RekindleError('RK375', `${this.#archive.name}: where the index names ${wanted}, ${words}`);
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
