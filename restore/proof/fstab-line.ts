import { posix } from 'node:path';
import { subvolumeFinding } from './btrfs-line.ts';
import type { Device } from './device.ts';
import { kindOfType, typeFits } from './file-system-types.ts';
import type { Finding } from './finding.ts';
import { type FstabLine, readFstab } from './read/tables.ts';
import { lookUp } from './reference/collect.ts';
import { judge, type Reference, settle } from './reference/reference.ts';
import type { Subject } from './subject.ts';

export const fstabHint = 'Correct /etc/fstab of the restored system: "blkid" shows the ids that there are.';
export const fstabUnknownHint =
  'Attach what it names and look with "blkid", or write UUID=... into that line of /etc/fstab, or add nofail to it.';

const problem = (text: string): Finding => ({ text, weight: 'problem' });
const unknown = (text: string): Finding => ({ text, weight: 'unknown' });
const note = (text: string): Finding => ({ text, weight: 'note' });

/** What keeps a line of /etc/fstab from being mounted, or from being judged; null for nothing. */
export function lookAtLine(entry: FstabLine, subject: Subject): Finding | null {
  const { spec, at, type, options } = entry;
  if (!at.startsWith('/')) return problem(`"${at}" is no mount point`);
  if (options.some((option) => option === 'bind' || option === 'rbind')) return lookAtBind(entry, subject);
  if (type === 'zfs') return lookAtZfs(entry, subject);
  const kind = kindOfType(type, subject.root);
  if (kind === 'no-disk') return null;
  const judged = judge(resolveSource(entry, subject));
  if (judged === 'no-device') return lookAtOther(entry, kind, subject);
  if ('problem' in judged) return problem(`${spec} for ${at} ${judged.problem}`);
  if ('unknown' in judged) return unknown(`${spec} for ${at} ${judged.unknown}`);
  const { device, holds } = judged;
  if (kind === 'disk' && (device !== null || holds !== null) && !typeFits(type, holds))
    return problem(`${at} is to be ${type}, ${device?.path ?? spec} holds ${holds ?? 'nothing known'}`);
  if (kind === 'unknown') return unknown(`${at} is to be ${type}, a type that is not known here`);
  const subvolume = device === null ? null : subvolumeFinding(entry, device, subject);
  if (subvolume !== null && subvolume.weight !== 'note') return subvolume;
  if (judged.note !== null) return note(`${spec} ${judged.note}`);
  return lookAtPlace(entry, subject);
}

/** What a line is mounted from; of several nameless arrays the one that is mounted there, or the only one that fits. */
export function resolveSource({ spec, at, type }: FstabLine, subject: Subject): Reference {
  const mounted = subject.mounts.find((mount) => mount.at === withoutLastSlashes(at))?.device;
  const isWanted = (device: Device): boolean =>
    mounted === undefined ? typeFits(type, device.content) : device.path === mounted;
  return settle(lookUp(spec, subject), isWanted);
}

/** No device is named: an image file, or something that a program of the machine understands. */
function lookAtOther({ spec, at, type }: FstabLine, kind: string, { root }: Subject): Finding | null {
  if (kind === 'program') return null;
  if (spec.startsWith('/') && kind === 'disk')
    return root.stat(spec) === null ? problem(`${spec} for ${at} does not exist`) : null;
  if (kind === 'disk') return problem(`${spec} for ${at} names no device, and ${type} needs one`);
  return unknown(`${at} is to be ${type}, a type that is not known here`);
}

function lookAtPlace({ at, options }: FstabLine, { root }: Subject): Finding | null {
  if (root.isDirectory(at)) return null;
  const text = `the directory ${at} does not exist`;
  // systemd makes a missing mount point, others do not.
  return hasSystemd(root) || options.some((option) => /^x-mount\.mkdir/i.test(option)) ? note(text) : problem(text);
}

function hasSystemd(root: Subject['root']): boolean {
  return root.stat('/usr/lib/systemd/systemd') !== null || root.stat('/lib/systemd/systemd') !== null;
}

/** What is there only while the machine runs. */
const runtime = /^\/(dev|proc|sys|run|var\/run|var\/lock)(\/|$)/;

function lookAtBind({ spec, at }: FstabLine, subject: Subject): Finding | null {
  const { root } = subject;
  if (runtime.test(posix.normalize(spec))) return null;
  if (root.stat(spec) !== null) return null;
  const above = mountAbove(spec, subject);
  if (above !== null) return unknown(`${spec}, bound to ${at}, lies in ${above.at}, which was not looked into`);
  const text = `${spec}, bound to ${at}, does not exist`;
  // systemd makes it: mount.c, "Create the source directory for bind-mounts if needed".
  return hasSystemd(root) ? note(`${text}; systemd will make it, empty`) : problem(text);
}

/** The line of /etc/fstab whose file system holds this path, where that is not mounted here. */
export function mountAbove(path: string, { root, mounts }: Subject): FstabLine | null {
  const clean = posix.normalize(path);
  const above = (readFstab(root) ?? [])
    .filter(({ at }) => at.startsWith('/') && at !== '/' && clean.startsWith(`${withoutLastSlashes(at)}/`))
    .toSorted((one, other) => other.at.length - one.at.length)[0];
  if (above === undefined || mounts.some(({ at }) => at === withoutLastSlashes(above.at))) return null;
  return above;
}

/** A restore brings no pool back; one that stands on other disks comes or does not come. */
function lookAtZfs({ spec, at }: FstabLine, { devices }: Subject): Finding {
  const pool = spec.split('/')[0] ?? spec;
  const isHere = devices.some(({ content, label }) => content === 'zfs_member' && label === pool);
  return isHere
    ? unknown(`${spec} for ${at} lies in the ZFS pool ${pool}, which was not opened`)
    : problem(`${spec} for ${at} lies in the ZFS pool ${pool}, which is on none of the restored disks`);
}

export function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
