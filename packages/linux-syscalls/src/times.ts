import { checked, cString, libc } from './libc.ts';

// fcntl.h, sys/stat.h
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const UTIME_OMIT = 0x3ffffffen;
const second = 1_000_000_000n;

/**
 * utimensat(2), futimens(3): sets the change time of a file's content, a symbolic link's own, to the nanosecond; its access time
 * stays. By path, or by a file descriptor that was not opened with O_PATH. @throws ErrnoError
 */
export function setMtime(file: number | string | Buffer, nanoseconds: bigint): void {
  const fraction = ((nanoseconds % second) + second) % second;
  const times = Buffer.alloc(32);
  times.writeBigInt64LE(UTIME_OMIT, 8);
  times.writeBigInt64LE((nanoseconds - fraction) / second, 16);
  times.writeBigInt64LE(fraction, 24);
  if (typeof file === 'number') checked(libc.futimens(file, times), 'futimens', [file]);
  else checked(libc.utimensat(AT_FDCWD, cString(file), times, AT_SYMLINK_NOFOLLOW), 'utimensat', [file.toString()]);
}
