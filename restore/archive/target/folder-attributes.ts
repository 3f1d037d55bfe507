import { fchmodSync, fchownSync, fstatSync } from 'node:fs';
import { ErrnoError, getXattr, listXattrs, setMtime, setXattr } from '@rekindle/linux-syscalls';
import { isCode } from './beneath.ts';

/** What a folder of the set gives to the one that is there. */
export interface FolderAttributes {
  uid: number;
  gid: number;
  mode: number;
  mtimeNs: bigint;
  /** ACLs among them. */
  xattrs: ReadonlyMap<string, Buffer>;
}

const label = 'security.selinux';

/** @param unlabelled an open folder beside it that is not of the set: what it has too was not saved, but given by this machine */
export function attributesOf(fd: number, unlabelled: number): FolderAttributes {
  const { uid, gid, mode, mtimeNs } = fstatSync(fd, { bigint: true });
  const xattrs = new Map(namesOf(fd).map((name) => [name, getXattr(fd, name)]));
  const given = namesOf(unlabelled).includes(label) ? getXattr(unlabelled, label) : null;
  if (given !== null && xattrs.get(label)?.equals(given)) xattrs.delete(label);
  return { uid: Number(uid), gid: Number(gid), mode: Number(mode) & 0o7777, mtimeNs, xattrs };
}

function namesOf(fd: number): string[] {
  try {
    return listXattrs(fd);
  } catch (error) {
    if (error instanceof ErrnoError && error.code === 'EOPNOTSUPP') return [];
    throw error;
  }
}

/**
 * Gives them to a folder that is there, as tar does: what else it has of extended attributes stays.
 * @returns what the file system or the user's rights do not allow
 */
export function giveAttributes(fd: number, { uid, gid, mode, mtimeNs, xattrs }: FolderAttributes): string[] {
  const refused: string[] = [];
  const attempt = (what: string, give: () => void): void => {
    try {
      give();
    } catch (error) {
      if (!isCode(error, 'EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'EACCES', 'EINVAL')) throw error;
      refused.push(`${what}: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`);
    }
  };
  const now = fstatSync(fd);
  // An ordinary user has no say in what belongs to others; that owners do not come back is told once.
  if (process.geteuid?.() !== 0 && now.uid !== process.geteuid?.()) return [];
  if (process.geteuid?.() === 0 && (now.uid !== uid || now.gid !== gid))
    attempt('owner', () => fchownSync(fd, uid, gid));
  for (const [name, value] of xattrs) attempt(name, () => setXattr(fd, name, value));
  // After the owner: a change of it takes bits away.
  if ((fstatSync(fd).mode & 0o7777) !== mode) attempt('mode', () => fchmodSync(fd, mode));
  attempt('time', () => setMtime(fd, mtimeNs));
  return refused;
}
