import { RekindleError } from '../../../common/errors/error.ts';
import { escapePath } from '../index/escape-path.ts';
import type { MemberRecord } from '../index/index-records.ts';
import { type ArchivePaths, machinePath } from '../machine-paths.ts';
import type { Archive } from '../set-schema.ts';
import { partsOf } from './beneath.ts';

/** Where the archives' files go, and what is above: on a machine something is mounted on folders only. */
export class MountPoints {
  readonly #folders: ReadonlySet<string>;
  /** File systems of which the top itself is asked for. */
  readonly #tops: ReadonlyMap<string, Archive>;

  constructor(asked: readonly ArchivePaths[]) {
    this.#folders = new Set(asked.flatMap(({ archive }) => prefixesOf(Buffer.from(archive.mountPoint))));
    const tops = asked.filter(({ names }) => names.includes('.')).map(({ archive }) => archive);
    this.#tops = new Map(tops.map((archive) => [partsOf(Buffer.from(archive.mountPoint)).join('/'), archive]));
  }

  /** No archive of the set has anything there but folders. @throws RekindleError RK310 */
  assertFolder(archive: Archive, { type, path }: MemberRecord): void {
    if (type === 'd') return;
    const whole = machinePath(archive, path);
    if (this.#folders.has(partsOf(whole).join('/')))
      throw new RekindleError(
        'RK310',
        `${escapePath(whole)} of ${archive.name} is no folder, and something is mounted there`,
      );
  }

  /** Whether another archive has the top of what was mounted over it, which is what there was to be seen. */
  isHidden(archive: Archive, { type, path }: MemberRecord): boolean {
    if (type !== 'd' || this.#tops.size < 2) return false;
    const top = this.#tops.get(partsOf(machinePath(archive, path)).join('/'));
    return top !== undefined && top !== archive;
  }
}

/** '/srv/data' -> 'srv', 'srv/data' */
function prefixesOf(path: Buffer): string[] {
  return partsOf(path).map((_, index, parts) => parts.slice(0, index + 1).join('/'));
}
