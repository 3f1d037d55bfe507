import { statSync } from 'node:fs';
import { ErrnoError, getInodeFlags, inodeFlags, setInodeFlags, setMtime } from '@rekindle/linux-syscalls';

/**
 * Changes something in the top directory of a restored file system, and nothing of it shows there: its time stays, and an
 * immutable one takes it, too.
 */
export function changeRoot(root: string, change: () => void): void {
  const flags = flagsOf(root);
  const free = flags & ~(inodeFlags.immutable | inodeFlags.append);
  const { mtimeNs } = statSync(root, { bigint: true });
  if (free !== flags) setInodeFlags(root, free);
  try {
    change();
  } finally {
    setMtime(root, mtimeNs);
    if (free !== flags) setInodeFlags(root, flags);
  }
}

/** vfat has none. */
function flagsOf(root: string): number {
  try {
    return getInodeFlags(root);
  } catch (error) {
    if (error instanceof ErrnoError && ['ENOTTY', 'EOPNOTSUPP'].includes(error.code)) return 0;
    throw error;
  }
}
