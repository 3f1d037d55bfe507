import { posix } from 'node:path';
import type { MountedAt } from '../mounted-at.ts';
import type { Subject } from '../subject.ts';

/** A path that a boot loader opens: on which file system, and where that is in the mounted system. */
export interface BootFile {
  written: string;
  /** Path of the system; null when nobody can say where that would be. */
  path: string | null;
  /** `hidden`: it lies where nothing is mounted. `lost`: its file system is not on these disks. */
  state: 'there' | 'missing' | 'hidden' | 'lost';
  /** A clause for `hidden` and `lost` that goes on after the name. */
  why: string | null;
  /** Of `hidden`: another file system is mounted over the folder, which is empty as a rule. */
  isCovered?: true;
}

/** Where the paths of a btrfs begin. SUSE's GRUB begins at the default subvolume, and can put others into it. */
export interface RelativePaths {
  /** A subvolume's path that the menu names; null for the default one. */
  subvolume: string | null;
  grafts: readonly { at: string; subvolume: string }[];
}

const mostLinks = 40;

/** The file systems of a machine as a boot loader sees them: from the top of each, not from /. */
export class BootFiles {
  readonly #subject: Subject;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** A path of the system itself. */
  inSystem(written: string): BootFile {
    const path = posix.normalize(written);
    return { written, path, state: this.#subject.root.stat(path) === null ? 'missing' : 'there', why: null };
  }

  /** @param device as in the mounts @param relative where the paths of a btrfs do not begin at its top */
  locate(device: string, path: string, relative: RelativePaths | null = null): BootFile {
    const mounts = this.#mountsOf(device);
    const lacking = (why: string): BootFile => ({ written: path, path: null, state: 'hidden', why });
    if (mounts.length === 0) return lacking(`lies on ${device}, which is not mounted`);
    const isBtrfs = mounts.some(({ type }) => type === 'btrfs');
    if (!path.startsWith('/') && !isBtrfs) return lacking("has no '/' at its beginning");
    const top = isBtrfs && relative !== null ? this.#subvolume(device, mounts, relative) : '/';
    if (top === null) return lacking(`lies in the default subvolume of ${device}, which is not known`);
    const from = (parts: readonly string[]): string => graft(top, parts, relative);
    const found = this.#walk(mounts, path, from);
    if (found !== null) return found;
    if (mounts.some(({ within }) => isBelow(from(partsOf(path)), within)))
      return { ...lacking('lies below a folder where something else is mounted'), isCovered: true };
    return lacking(`lies in a part of ${device} that is not mounted`);
  }

  /** Follows links within the file system only, as a loader does. Null: it is nowhere in the mounted system. */
  #walk(mounts: readonly MountedAt[], written: string, from: (parts: readonly string[]) => string): BootFile | null {
    const { root } = this.#subject;
    const isFat = mounts.some(({ type }) => /^(vfat|msdos|exfat)$/.test(type));
    let left = partsOf(written);
    let at: string[] = [];
    for (let links = 0; left.length > 0; ) {
      const [part = '', ...rest] = left;
      left = rest;
      if (part === '..') {
        at = at.slice(0, -1);
        continue;
      }
      const place = this.#toSystem(mounts, from([...at, part]));
      const link = place === null ? null : root.linkTarget(place);
      if (link === null) {
        at.push(part);
        continue;
      }
      links += 1;
      if (links > mostLinks) break;
      if (link.startsWith('/')) at = [];
      left = [...partsOf(link), ...left];
    }
    const exact = this.#toSystem(mounts, from(at));
    if (exact === null) return null;
    const mount = mounts.find((each) => each === mountOf(this.#subject.mounts, exact));
    const found = isFat && mount !== undefined && root.stat(exact) === null ? anyCase(root, mount, exact) : exact;
    return { written, path: found, state: root.stat(found) === null ? 'missing' : 'there', why: null };
  }

  /** The path of the system that shows this path of the file system: by the mount that holds it, if no other hides it. */
  #toSystem(mounts: readonly MountedAt[], path: string): string | null {
    for (const mount of mounts) {
      if (!isBelow(path, mount.within)) continue;
      const place = posix.join(mount.at, path.slice(mount.within === '/' ? 0 : mount.within.length));
      if (mountOf(this.#subject.mounts, place) === mount) return place;
    }
    return null;
  }

  #mountsOf(device: string): MountedAt[] {
    const { mounts, devices } = this.#subject;
    const known = devices.find(({ path, aliases }) => path === device || aliases.includes(device));
    const names = [device, ...(known === undefined ? [] : [known.path, ...known.aliases])];
    // The deepest part of a file system first: it is the nearest to what is looked for.
    return mounts
      .filter((mount) => names.includes(mount.device))
      .toSorted((left, right) => partsOf(right.within).length - partsOf(left.within).length);
  }

  /** Null: nobody knows. What is mounted as / without an option is the default one. */
  #subvolume(device: string, mounts: readonly MountedAt[], { subvolume }: RelativePaths): string | null {
    if (subvolume !== null) return posix.join('/', subvolume);
    const { defaultSubvolumes } = this.#subject;
    const known = mounts.flatMap((mount) => defaultSubvolumes?.get(mount.device) ?? [])[0];
    const asRoot = mounts.find(({ at }) => at === '/') ?? (mounts.length === 1 ? mounts[0] : undefined);
    return known ?? defaultSubvolumes?.get(device) ?? asRoot?.within ?? null;
  }
}

function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function graft(top: string, parts: readonly string[], relative: RelativePaths | null): string {
  const path = `/${parts.join('/')}`;
  const other = relative?.grafts.find(({ at }) => path === at || path.startsWith(`${at}/`));
  if (other !== undefined) return posix.join('/', other.subvolume, path.slice(other.at.length));
  return posix.join(top, path);
}

function anyCase(root: Subject['root'], { at }: MountedAt, path: string): string {
  return root.findAnyCase(at, path.slice(at === '/' ? 0 : at.length)) ?? path;
}

/** The file system that a path of the system lies on. */
export function mountOf(mounts: readonly MountedAt[], path: string): MountedAt | null {
  const above = mounts.filter(({ at }) => at === '/' || path === at || path.startsWith(`${at}/`));
  return above.toSorted((left, right) => right.at.length - left.at.length)[0] ?? null;
}
