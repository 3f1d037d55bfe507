import { posix } from 'node:path';
import type { Device } from './device.ts';
import type { Finding } from './finding.ts';
import type { MountedAt } from './mounted-at.ts';
import type { FstabLine } from './read/tables.ts';
import type { Subject } from './subject.ts';

/** Of the top level, in each btrfs. */
const topIds = ['0', '5'];

/**
 * Whether the subvolume that a line names is there. A restore makes subvolumes with numbers of their own, and the kernel refuses
 * a subvol= with another one's subvolid=. Null: it is, or the line names none.
 */
export function subvolumeFinding({ at, options }: FstabLine, device: Device, subject: Subject): Finding | null {
  if (device.content !== 'btrfs') return null;
  const valueIn = (key: string): string | undefined =>
    options.findLast((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);
  const path = valueIn('subvol');
  const id = valueIn('subvolid');
  const mounts = subject.mounts.filter((mount) => isOf(mount, device, subject));
  const byPath = path === undefined ? null : pathFinding(at, posix.join('/', path), mounts, subject);
  if (byPath !== null || id === undefined || topIds.includes(id)) return byPath;
  const here = mounts.find((mount) => mount.at === at)?.subvolumeId;
  if (here === undefined)
    return { text: `whether ${at} has subvolid=${id} cannot be seen from here`, weight: 'unknown' };
  if (here === Number(id)) return null;
  return { text: `${at} is to have subvolid=${id}; restored, it has ${here}`, weight: 'problem' };
}

/** A btrfs over several devices is mounted from any of them. */
function isOf(mount: MountedAt, { path, uuid }: Device, { devices }: Subject): boolean {
  if (mount.device === path) return true;
  return uuid !== null && devices.some((other) => other.path === mount.device && other.uuid === uuid);
}

function pathFinding(at: string, path: string, mounts: readonly MountedAt[], { root }: Subject): Finding | null {
  if (path === '/' || mounts.some(({ within }) => within === path)) return null;
  const holding = mounts.find(({ within }) => within === '/' || path.startsWith(`${within}/`));
  const rest = holding === undefined ? '' : path.slice(holding.within === '/' ? 0 : holding.within.length);
  const text = `${at} is to be the subvolume ${path.slice(1)}`;
  if (holding === undefined) return { text: `${text}, which was not looked for`, weight: 'unknown' };
  if (root.isDirectory(posix.join(holding.at, rest))) return null;
  return { text: `${text}, which does not exist`, weight: 'problem' };
}
