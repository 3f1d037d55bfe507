import { getRawPointer } from 'node:ffi';
import { checked, cString, libc } from './libc.ts';

const SYS_renameat2 = 316n;
const SYS_openat2 = 437n;
const AT_REMOVEDIR = 0x200;
const O_CLOEXEC = 0x80000;

/** asm-generic/fcntl.h: a place in the file tree, not opened for reading; Node's list lacks it. */
export const O_PATH = 0o10000000;

/** How openat2(2) walks a path (linux/openat2.h). */
export const resolveFlags = {
  RESOLVE_NO_XDEV: 0x01,
  RESOLVE_NO_MAGICLINKS: 0x02,
  RESOLVE_NO_SYMLINKS: 0x04,
  RESOLVE_BENEATH: 0x08,
  RESOLVE_IN_ROOT: 0x10,
} as const;

/** struct open_how: u64 flags, mode, resolve. The same memory each time: it is asked for every file. */
const how = Buffer.allocUnsafeSlow(24);
const howAddress = getRawPointer(how);

/**
 * openat2(2): opens what lies below a directory, with rules for the way there. Closed on exec.
 * @param directory file descriptor. @param resolve of `resolveFlags`. @param mode of what O_CREAT makes
 * @throws ErrnoError ELOOP for a symbolic link that is not allowed, EXDEV for a path that leaves the directory, ENOSYS before Linux 5.6
 */
export function openat2(directory: number, path: string | Buffer, flags: number, resolve: number, mode = 0): number {
  how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0);
  how.writeBigUInt64LE(BigInt(mode), 8);
  how.writeBigUInt64LE(BigInt(resolve), 16);
  const name = cString(path);
  const result = libc.syscall(SYS_openat2, BigInt(directory), name, howAddress, BigInt(how.length), 0n);
  return checked(Number(result), 'openat2', [directory, path.toString(), flags, resolve]);
}

/** openat(2), closed on exec. Follows links as open(2) does: `name` should have no '/' and `flags` O_NOFOLLOW. @throws ErrnoError */
export function openat(directory: number, name: string | Buffer, flags: number, mode = 0): number {
  const result = libc.openat(directory, cString(name), flags | O_CLOEXEC, mode);
  return checked(result, 'openat', [directory, name.toString(), flags]);
}

/**
 * renameat2(2) without flags: moves a name from one directory into another and replaces what has that name there, in one step.
 * @param from with its name there, `to` the same; file descriptors
 * @throws ErrnoError EXDEV between mounts, EISDIR, ENOTDIR or ENOTEMPTY where one of them is a directory
 */
export function renameat2(
  from: { directory: number; name: string | Buffer },
  to: { directory: number; name: string | Buffer },
): void {
  const [old, fresh] = [cString(from.name), cString(to.name)];
  const result = libc.syscall(
    SYS_renameat2,
    BigInt(from.directory),
    old,
    BigInt(to.directory),
    getRawPointer(fresh),
    0n,
  );
  checked(Number(result), 'renameat2', [from.directory, from.name.toString(), to.directory, to.name.toString()]);
}

/** mkdirat(2): makes a directory in an open one. @throws ErrnoError EEXIST */
export function mkdirat(directory: number, name: string | Buffer, mode = 0o777): void {
  checked(libc.mkdirat(directory, cString(name), mode), 'mkdirat', [directory, name.toString(), mode]);
}

/**
 * unlinkat(2): removes a name from an open directory, a symbolic link itself.
 * @param kind 'directory': only an empty directory. @throws ErrnoError ENOENT, EISDIR, ENOTEMPTY
 */
export function unlinkat(directory: number, name: string | Buffer, kind: 'file' | 'directory' = 'file'): void {
  const flags = kind === 'directory' ? AT_REMOVEDIR : 0;
  checked(libc.unlinkat(directory, cString(name), flags), 'unlinkat', [directory, name.toString(), flags]);
}
