import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { ErrnoError, getInodeFlags, getProject } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { escapePath } from '../index/escape-path.ts';
import type { FoundMember } from '../index/find-members.ts';
import type { MemberRecord } from '../index/index-records.ts';
import { LinkSet } from '../link-set.ts';
import type { Archive } from '../set-schema.ts';
import { TarRuns } from '../tar-runs.ts';
import { describeObstacle, isCode, lookFlags, partsOf, pathOf, splitPath, withBeneath } from './beneath.ts';
import type { NotTaken } from './not-taken.ts';

/** Members that can be moved into place from one staging folder: rename(2) works between it and all of their folders. */
export interface Place {
  runs: TarRuns;
  /** Folders that are asked for themselves; others only lead to what is. */
  wanted: LinkSet;
  /** Some of its members came only because a hard link is another name of them. */
  hasExtras: boolean;
  /** Folders of this place that are there, the outermost first: the staging folder can lie in each of them. */
  folders: Buffer[];
}

interface Folder {
  isThere: boolean;
  /** What rename(2) cannot cross: a mount, a subvolume, a border of project quotas. */
  border: string;
  /** Itself, or what it would be made in. */
  nearest: string;
}

/** linux/fs.h FS_PROJINHERIT_FL: what is made in the folder belongs to its project, and nothing else can be moved in. */
const inheritsProject = 0x20000000;

/**
 * Looks at the target before anything is changed: sorts members by where they can be moved from, and refuses what has something
 * else in its way. What has a mount on it, or is another name of a file beyond one, is told and left out.
 * @param root `--to`. @param at where the archive's files go below it: 'home', '.'
 * @throws RekindleError RK374 naming what is in the way; what `members` throws
 */
export async function sortByPlace(
  root: number,
  at: Buffer,
  members: AsyncIterable<FoundMember>,
  notTaken: NotTaken,
): Promise<Place[]> {
  const target = new TargetFolders(root);
  const places = new Map<string, Place>();
  for await (const { member, matches } of members) {
    const path = Buffer.concat([at, slashed, member.path]);
    const { isMount, ...folder } = member.type === 'd' ? target.lookIn(path) : target.lookAbove(path);
    const obstacle = isMount ? 'something is mounted there' : beyondMount(target, at, member, folder);
    if (obstacle !== null) {
      if (matches) notTaken.add(`${wordsOf(path)}: ${obstacle}`);
      continue;
    }
    let place = places.get(folder.border);
    if (!place) {
      place = { runs: new TarRuns(), wanted: new LinkSet(), hasExtras: false, folders: target.above(folder) };
      places.set(folder.border, place);
    }
    place.runs.add(member);
    if (member.type === 'd') place.wanted.add(member.path);
    if (!matches) place.hasExtras = true;
  }
  return [...places.values()];
}

/** No file has names on two file systems. */
function beyondMount(target: TargetFolders, at: Buffer, member: MemberRecord, folder: Folder): string | null {
  const { type, linkPath } = member;
  if (type !== 'h' || linkPath === null) return null;
  const other = Buffer.concat([at, slashed, linkPath]);
  if (target.lookAbove(other).border === folder.border) return null;
  return `it is another name of ${wordsOf(other)}, which lies on another file system here`;
}

/** 'home/anna/letter', without the dots of where it came from. */
function wordsOf(path: Buffer): string {
  return escapePath(Buffer.from(partsOf(path).join('/'), 'latin1'));
}

/** Where an archive's files go below the target. */
export function belowTarget({ mountPoint }: Archive): Buffer {
  return Buffer.from(`.${mountPoint}`);
}

const slash = 0x2f;
const slashed = Buffer.from('/');

/** So many folders are remembered; members of one folder come together. */
const mostKnown = 10_000;

/** What is there of the target's folders; each is looked at once. */
class TargetFolders {
  readonly #root: number;
  readonly #known = new Map<string, Folder>();
  /** Members of one folder come one after the other. */
  #last: { path: Buffer; folder: Folder } | null = null;

  constructor(root: number) {
    this.#root = root;
  }

  /** A folder of the set. @throws RekindleError RK374 */
  lookIn(path: Buffer): Folder & { isMount: boolean } {
    return { ...this.look(path), isMount: false };
  }

  /**
   * The folder that a file is to be in, and whether the file that is there has a mount of its own.
   * @throws RekindleError RK374 where a folder has the file's name
   */
  lookAbove(path: Buffer): Folder & { isMount: boolean } {
    const folder = this.#lookOnce(path.subarray(0, path.lastIndexOf(slash)));
    const found = folder.isThere ? this.#lookAtFile(path) : null;
    if (found === 'folder') throw new RekindleError('RK374', `${wordsOf(path)} is a folder there, and none in the set`);
    return { ...folder, isMount: found !== null && found !== mountIn(folder.border) };
  }

  #lookOnce(path: Buffer): Folder {
    if (!this.#last?.path.equals(path)) this.#last = { path, folder: this.look(path) };
    return this.#last.folder;
  }

  /** @throws RekindleError RK374 */
  look(path: Buffer): Folder {
    const { folder, name } = splitPath(path);
    const isRoot = name.toString() === '.';
    const whole = isRoot ? '.' : Buffer.concat([folder, Buffer.from('/'), name]).toString('latin1');
    const known = this.#known.get(whole);
    if (known) return known;
    const parent = isRoot ? null : this.look(folder);
    const found = parent?.isThere === false ? { ...parent } : this.#lookAt(whole, parent);
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(whole, found);
    return found;
  }

  /** From the outermost of the same place down to it. */
  above({ nearest, border }: Folder): Buffer[] {
    const folders: Buffer[] = [];
    for (let at: Buffer = Buffer.from(nearest, 'latin1'); ; at = splitPath(at).folder) {
      if (this.look(at).border === border) folders.unshift(at);
      if (at.toString() === '.') return folders;
    }
  }

  #lookAt(whole: string, parent: Folder | null): Folder {
    const path = Buffer.from(whole, 'latin1');
    try {
      return withBeneath(this.#root, path, lookFlags | constants.O_DIRECTORY, (fd) => ({
        isThere: true,
        border: borderOf(fd),
        nearest: whole,
      }));
    } catch (error) {
      if (parent && isCode(error, 'ENOENT')) return { ...parent, isThere: false };
      throw describeObstacle(this.#root, path, error, 'RK374');
    }
  }

  /** 'folder', or which mount it lies on; null: nothing is there. */
  #lookAtFile(path: Buffer): string | null {
    try {
      return withBeneath(this.#root, path, lookFlags, (fd) => (fstatSync(fd).isDirectory() ? 'folder' : mountOf(fd)));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return null;
      throw describeObstacle(this.#root, path, error, 'RK374');
    }
  }
}

function borderOf(fd: number): string {
  return `${mountOf(fd)} ${fstatSync(fd).dev} ${projectOf(fd)}`;
}

function mountOf(fd: number): string {
  return /^mnt_id:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '';
}

function mountIn(border: string): string {
  return border.split(' ')[0] ?? '';
}

/** 0: any file can be moved in. */
function projectOf(place: number): number {
  try {
    const fd = openSync(pathOf(place), 'r');
    try {
      return (getInodeFlags(fd) & inheritsProject) === 0 ? 0 : getProject(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // A file system without flags or projects; a folder that others must not read.
    if (error instanceof ErrnoError || isCode(error, 'EACCES')) return 0;
    throw error;
  }
}
