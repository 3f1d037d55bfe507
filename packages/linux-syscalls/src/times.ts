import { checked, cString, libc } from './libc.ts';

// fcntl.h, sys/stat.h
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const UTIME_OMIT = 0x3ffffffen;
const second = 1_000_000_000n;

/** utimensat(2): sets the change time of a file's content, a symbolic link's own, to the nanosecond; its access time stays. @throws ErrnoError */
export function setMtime(path: string | Buffer, nanoseconds: bigint): void {
  const fraction = ((nanoseconds % second) + second) % second;
  const times = Buffer.alloc(32);
  times.writeBigInt64LE(UTIME_OMIT, 8);
  times.writeBigInt64LE((nanoseconds - fraction) / second, 16);
  times.writeBigInt64LE(fraction, 24);
  const name = cString(path);
  checked(libc.utimensat(AT_FDCWD, name, times, AT_SYMLINK_NOFOLLOW), 'utimensat', [path.toString()]);
}
