import { getRawPointer } from 'node:ffi';
import { closeSync, constants, openSync } from 'node:fs';
import { checked, cString, ErrnoError, libc } from './libc.ts';

const FS_IOC_GETFLAGS = 0x80086601n;
const FS_IOC_SETFLAGS = 0x40086602n;
const FS_IOC_FSGETXATTR = 0x801c581fn;
const FS_IOC_FSSETXATTR = 0x401c5820n;
/** struct fsxattr (linux/fs.h): u32 fsx_xflags, fsx_extsize, fsx_nextents, fsx_projid, fsx_cowextsize, u8 fsx_pad[8] */
const fsxattr = { size: 28, projid: 12 };
const FIONCLEX = 0x5450n;
const TIOCSWINSZ = 0x5414n;
const LOOP_CTL_GET_FREE = 0x4c82n;
const LOOP_CONFIGURE = 0x4c0an;
const LOOP_SET_FD = 0x4c00n;
const LOOP_CLR_FD = 0x4c01n;
const LO_FLAGS_READ_ONLY = 1;
const O_CLOEXEC = 0x80000;

/** Inode flags as chattr(1) names them (linux/fs.h). */
export const inodeFlags = { immutable: 0x10, append: 0x20 } as const;

/** What the kernel answers, for every file of a machine: memory of its own for each took as long as the call. */
const answer = Buffer.allocUnsafeSlow(64);
const answerAddress = getRawPointer(answer);

/** Into `answer`. @throws ErrnoError */
function ask(fd: number, request: bigint, call: string, file: number | string | Buffer): void {
  if (libc.ioctl(fd, request, answerAddress) === -1) checked(-1, call, [file.toString()]);
}

function withFile<T>(file: number | string | Buffer, use: (fd: number) => T): T {
  if (typeof file === 'number') return use(file);
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | O_CLOEXEC;
  const fd = checked(libc.open(cString(file), flags, 0), 'open', [file.toString()]);
  try {
    return use(fd);
  } finally {
    libc.close(fd);
  }
}

/**
 * FS_IOC_GETFLAGS of a regular file or directory, by open file or by path; a path's bytes are used as they are.
 * @throws ErrnoError ENOTTY where the file system has no flags, ELOOP for a symbolic link, ENXIO for a socket.
 */
export function getInodeFlags(file: number | string | Buffer): number {
  return withFile(file, (fd) => {
    answer.fill(0, 0, 8);
    ask(fd, FS_IOC_GETFLAGS, 'ioctl FS_IOC_GETFLAGS', file);
    return answer.readUInt32LE(0);
  });
}

/** FS_IOC_SETFLAGS: replaces all flags. @throws ErrnoError EPERM, EOPNOTSUPP */
export function setInodeFlags(file: number | string | Buffer, flags: number): void {
  withFile(file, (fd) => {
    const value = Buffer.alloc(8);
    value.writeUInt32LE(flags >>> 0, 0);
    checked(libc.ioctl(fd, FS_IOC_SETFLAGS, value), 'ioctl FS_IOC_SETFLAGS', [file.toString(), flags]);
  });
}

/** FS_IOC_FSGETXATTR. The same memory each time. */
function readFsxattr(fd: number, file: number | string | Buffer): Buffer {
  ask(fd, FS_IOC_FSGETXATTR, 'ioctl FS_IOC_FSGETXATTR', file);
  return answer.subarray(0, fsxattr.size);
}

/**
 * Project id of a regular file or directory (quotas for directory trees on xfs and ext4), 0 when it belongs to none.
 * @throws ErrnoError ENOTTY or EOPNOTSUPP where the file system has no such thing, ELOOP for a symbolic link, ENXIO for a socket.
 */
export function getProject(file: number | string | Buffer): number {
  return withFile(file, (fd) => readFsxattr(fd, file).readUInt32LE(fsxattr.projid));
}

/**
 * Sets the project id, and nothing else. @throws ErrnoError EOPNOTSUPP where the file system keeps none, EINVAL for 0xffffffff
 * and in a user namespace.
 */
export function setProject(file: number | string | Buffer, project: number): void {
  withFile(file, (fd) => {
    const value = readFsxattr(fd, file);
    value.writeUInt32LE(project, fsxattr.projid);
    checked(libc.ioctl(fd, FS_IOC_FSSETXATTR, value), 'ioctl FS_IOC_FSSETXATTR', [file.toString(), project]);
  });
}

/**
 * Attaches a file to a free loop device, read-only.
 * @returns the device, '/dev/loop0'. @throws ErrnoError
 */
export function attachLoop(file: string): string {
  const control = openSync('/dev/loop-control', 'r+');
  try {
    for (let attempt = 0; ; attempt += 1) {
      const number = checked(libc.ioctl(control, LOOP_CTL_GET_FREE, null), 'ioctl LOOP_CTL_GET_FREE', []);
      const device = `/dev/loop${number}`;
      try {
        configureLoop(device, file);
        return device;
      } catch (error) {
        // Somebody else took it in between: ask for the next one.
        if (attempt >= 8 || !(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
      }
    }
  } finally {
    closeSync(control);
  }
}

function configureLoop(device: string, file: string): void {
  const backing = openSync(file, 'r');
  const loop = openSync(device, 'r');
  try {
    // struct loop_config: u32 fd, u32 block_size, struct loop_info64 (232 bytes; lo_flags at 52), u64 reserved[8]
    const config = Buffer.alloc(8 + 232 + 64);
    config.writeUInt32LE(backing, 0);
    config.writeUInt32LE(LO_FLAGS_READ_ONLY, 8 + 52);
    try {
      checked(libc.ioctl(loop, LOOP_CONFIGURE, config), 'ioctl LOOP_CONFIGURE', [device, file]);
    } catch (error) {
      if (!(error instanceof ErrnoError) || (error.code !== 'EINVAL' && error.code !== 'ENOTTY')) throw error;
      // Before Linux 5.8; the device is opened for reading only, so it is read-only here too.
      checked(libc.ioctl(loop, LOOP_SET_FD, BigInt(backing)), 'ioctl LOOP_SET_FD', [device, file]);
    }
  } finally {
    closeSync(backing);
    closeSync(loop);
  }
}

/** Detaches a loop device. @throws ErrnoError */
export function detachLoop(device: string): void {
  withFile(device, (fd) => checked(libc.ioctl(fd, LOOP_CLR_FD, null), 'ioctl LOOP_CLR_FD', [device]));
}

/** FIONCLEX: a program that execve(2) starts gets this file descriptor, too. Node closes all but 0 to 2. @throws ErrnoError EBADF */
export function keepOnExec(fd: number): void {
  checked(libc.ioctl(fd, FIONCLEX, Buffer.alloc(8)), 'ioctl FIONCLEX', [fd]);
}

/**
 * TIOCSWINSZ: the size that a terminal says from now on, rows and columns at once; who runs on it gets SIGWINCH where that is
 * another one. @throws ErrnoError ENOTTY
 */
export function setWindowSize(fd: number, { rows, columns }: { rows: number; columns: number }): void {
  // struct winsize (asm-generic/termios.h): u16 ws_row, ws_col, ws_xpixel, ws_ypixel
  const size = Buffer.alloc(8);
  size.writeUInt16LE(rows, 0);
  size.writeUInt16LE(columns, 2);
  checked(libc.ioctl(fd, TIOCSWINSZ, size), 'ioctl TIOCSWINSZ', [fd, rows, columns]);
}
