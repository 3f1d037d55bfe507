import { RekindleError } from '../../../common/errors/error.ts';
import { escapePath } from '../index/escape-path.ts';
import type { FoundMember } from '../index/find-members.ts';
import { machinePath } from '../machine-paths.ts';
import type { Archive } from '../set-schema.ts';
import { partsOf } from './beneath.ts';

/**
 * Where one archive's files go, and all above, no other archive of the set has anything but folders: on a machine something is
 * mounted on folders only.
 * @throws RekindleError RK310
 */
export function assertMountPoints(selections: readonly { archive: Archive; members: readonly FoundMember[] }[]): void {
  const folders = new Set(selections.flatMap(({ archive }) => prefixesOf(Buffer.from(archive.mountPoint))));
  if (folders.size === 0) return;
  for (const { archive, members } of selections)
    for (const { member } of members) {
      if (member.type === 'd') continue;
      const path = machinePath(archive, member.path);
      if (folders.has(partsOf(path).join('/')))
        throw new RekindleError(
          'RK310',
          `${escapePath(path)} of ${archive.name} is no folder, and something is mounted there`,
        );
    }
}

/** '/srv/data' -> 'srv', 'srv/data' */
function prefixesOf(path: Buffer): string[] {
  return partsOf(path).map((_, index, parts) => parts.slice(0, index + 1).join('/'));
}
