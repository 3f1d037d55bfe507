import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { ErrnoError, getInodeFlags, getProject } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../../common/errors/error.ts';
import { escapePath } from '../index/escape-path.ts';
import type { FoundMember } from '../index/find-members.ts';
import type { Archive } from '../set-schema.ts';
import {
  describeObstacle,
  isCode,
  lookFlags,
  openBeneath,
  partsOf,
  pathOf,
  splitPath,
  withBeneath,
} from './beneath.ts';

/** Members that can be moved into place from one staging folder: rename(2) works between it and all of their folders. */
export interface Place {
  members: FoundMember[];
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
 * else in its way.
 * @param root `--to`. @param at where the archive's files go below it: 'home', '.'
 * @throws RekindleError RK374 naming what is in the way
 */
export function sortByPlace(root: number, at: Buffer, members: readonly FoundMember[]): Place[] {
  const target = new TargetFolders(root);
  const places = new Map<string, Place>();
  for (const found of members) {
    const path = Buffer.concat([at, Buffer.from('/'), found.member.path]);
    const folder = found.member.type === 'd' ? target.look(path) : target.lookAbove(path);
    const place = places.get(folder.border) ?? { members: [], folders: target.above(folder) };
    places.set(folder.border, place);
    place.members.push(found);
  }
  return [...places.values()];
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

/** What is there of the target's folders; each is looked at once. */
class TargetFolders {
  readonly #root: number;
  readonly #known = new Map<string, Folder>();
  /** Members of one folder come one after the other. */
  #last: { path: Buffer; folder: Folder } | null = null;

  constructor(root: number) {
    this.#root = root;
  }

  /** The folder that a file is to be in. @throws RekindleError RK374 where a folder has the file's name */
  lookAbove(path: Buffer): Folder {
    const folder = this.#lookOnce(path.subarray(0, path.lastIndexOf(slash)));
    if (folder.isThere && this.#isFolder(path))
      throw new RekindleError('RK374', `${wordsOf(path)} is a folder there, and none in the set`);
    return folder;
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

  #isFolder(path: Buffer): boolean {
    try {
      const fd = openBeneath(this.#root, path, lookFlags);
      const stat = fstatSync(fd);
      closeSync(fd);
      return stat.isDirectory();
    } catch (error) {
      if (isCode(error, 'ENOENT')) return false;
      throw describeObstacle(this.#root, path, error, 'RK374');
    }
  }
}

function borderOf(fd: number): string {
  const mount = /^mnt_id:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '';
  return `${mount} ${fstatSync(fd).dev} ${projectOf(fd)}`;
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
