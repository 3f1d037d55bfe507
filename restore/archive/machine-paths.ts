import { RekindleError } from '../../common/errors/error.ts';
import { describeSet } from './incremental/chain.ts';
import type { RecoverySet } from './open-set.ts';
import type { Archive } from './set-schema.ts';

const slash = 0x2f;

/** What is asked of one archive. Names as in the archive: 'etc/fstab', '.' for all of it. */
export interface ArchivePaths {
  archive: Archive;
  names: string[];
}

/** '/etc//fstab/' -> '/etc/fstab' */
function normalize(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}

function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/**
 * Finds the archives that hold paths of the saved machine: of each path the innermost file system that it lies on, and for a
 * folder also the file systems that were mounted below it.
 */
export function archivesOf(all: readonly Archive[], paths: readonly string[]): ArchivePaths[] {
  // Others hold no single files.
  const archives = all.filter(({ method }) => method === undefined);
  const asked = new Map<Archive, Set<string>>();
  const ask = (archive: Archive, name: string): void => {
    asked.set(archive, (asked.get(archive) ?? new Set()).add(name));
  };
  for (const path of paths.map(normalize)) {
    const [holder] = archives
      .filter(({ mountPoint }) => isBelow(path, mountPoint))
      .toSorted((one, other) => other.mountPoint.length - one.mountPoint.length);
    if (holder) ask(holder, path.slice(holder.mountPoint.length).replace(/^\//, '') || '.');
    for (const archive of archives) if (archive !== holder && isBelow(archive.mountPoint, path)) ask(archive, '.');
  }
  return archives.flatMap((archive) => {
    const names = asked.get(archive);
    return names ? [{ archive, names: [...names] }] : [];
  });
}

/** A name ends there, or a folder's name. */
function endsAt(path: Buffer, at: number): boolean {
  return path.length === at || path[at] === slash;
}

/** The paths that were asked for and of which nothing was found yet: a word that is spelled wrong must not pass in silence. */
export class PathsToFind {
  readonly #left: Map<string, Buffer>;
  readonly #base: string | null;

  /** @param set where they are looked for: one of changes does not hold everything */
  constructor(paths: readonly string[], { manifest }: Pick<RecoverySet, 'manifest'>) {
    const base = manifest?.base;
    this.#base = base ? describeSet(base.set, base.createdAt, base.level) : null;
    this.#left = new Map(paths.map((path) => [path, Buffer.from(normalize(path))]));
  }

  /** @param path what was found, as `machinePath` gives it */
  found(path: Buffer): void {
    for (const [asked, name] of this.#left)
      if (name.length === 1 || (path.subarray(0, name.length).equals(name) && endsAt(path, name.length)))
        this.#left.delete(asked);
  }

  /** @throws RekindleError RK317 naming those that are left */
  assertAll(): void {
    if (this.#left.size === 0) return;
    const hint = `This set holds only what changed since another one: look there too (${this.#base}), and how the path is spelled.`;
    throw new RekindleError('RK317', [...this.#left.keys()].join(', '), this.#base === null ? {} : { hint });
  }
}

/** The path on the saved machine of a member of an archive ('./etc/fstab', './etc/'), as bytes. */
export function machinePath({ mountPoint }: Archive, member: Buffer): Buffer {
  const inside = member.subarray(member.subarray(0, 2).toString() === './' ? 2 : 0);
  return Buffer.concat([Buffer.from(mountPoint === '/' ? '/' : `${mountPoint}/`), inside]);
}
