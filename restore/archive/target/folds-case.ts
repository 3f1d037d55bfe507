import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { ErrnoError, getInodeFlags, mkdirat, openat, unlinkat } from '@rekindle/linux-syscalls';
import { lookFlags } from './beneath.ts';

/** linux/fs.h FS_CASEFOLD_FL: names in this folder of an ext4, f2fs or tmpfs. */
const casefold = 0x40000000;

/** Whether a folder's own flags say that names which differ in case are one. @param folder open for reading */
export function isCasefolded(folder: number): boolean {
  try {
    return (getInodeFlags(folder) & casefold) !== 0;
  } catch (error) {
    // A file system without flags.
    if (error instanceof ErrnoError) return false;
    throw error;
  }
}

/** The same of a whole file system (xfs with version=ci, vfat), by trying it in a folder that we may write to. */
export function foldsCase(folder: number): boolean {
  const name = `.rekindle-case-${randomBytes(8).toString('hex')}`;
  try {
    mkdirat(folder, Buffer.from(name), 0o700);
  } catch (error) {
    // Nothing can be unpacked there either.
    if (error instanceof ErrnoError) return false;
    throw error;
  }
  try {
    closeSync(openat(folder, Buffer.from(name.toUpperCase()), lookFlags));
    return true;
  } catch (error) {
    if (error instanceof ErrnoError) return false;
    throw error;
  } finally {
    unlinkat(folder, Buffer.from(name), 'directory');
  }
}
