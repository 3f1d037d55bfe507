import { dlopen, getInt32 } from 'node:ffi';
import { constants } from 'node:os';

/** The C library's entry points that this package uses; nothing else of libc is reachable. */
const { functions: libc } = dlopen('libc.so.6', {
  __errno_location: { arguments: [], return: 'pointer' },
  mount: { arguments: ['pointer', 'pointer', 'pointer', 'u64', 'pointer'], return: 'i32' },
  umount2: { arguments: ['pointer', 'i32'], return: 'i32' },
  chroot: { arguments: ['pointer'], return: 'i32' },
  reboot: { arguments: ['i32'], return: 'i32' },
  syncfs: { arguments: ['i32'], return: 'i32' },
  sync: { arguments: [], return: 'void' },
  klogctl: { arguments: ['i32', 'pointer', 'i32'], return: 'i32' },
  waitid: { arguments: ['i32', 'i32', 'pointer', 'i32'], return: 'i32' },
  waitpid: { arguments: ['i32', 'pointer', 'i32'], return: 'i32' },
  ioctl: { arguments: ['i32', 'u64', 'pointer'], return: 'i32' },
  open: { arguments: ['pointer', 'i32', 'i32'], return: 'i32' },
  openat: { arguments: ['i32', 'pointer', 'i32', 'i32'], return: 'i32' },
  mkdirat: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
  unlinkat: { arguments: ['i32', 'pointer', 'i32'], return: 'i32' },
  posix_fadvise: { arguments: ['i32', 'i64', 'i64', 'i32'], return: 'i32' },
  close: { arguments: ['i32'], return: 'i32' },
  pipe2: { arguments: ['pointer', 'i32'], return: 'i32' },
  fcntl: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  llistxattr: { arguments: ['pointer', 'pointer', 'u64'], return: 'i64' },
  lgetxattr: { arguments: ['pointer', 'pointer', 'pointer', 'u64'], return: 'i64' },
  flistxattr: { arguments: ['i32', 'pointer', 'u64'], return: 'i64' },
  fgetxattr: { arguments: ['i32', 'pointer', 'pointer', 'u64'], return: 'i64' },
  fsetxattr: { arguments: ['i32', 'pointer', 'pointer', 'u64', 'i32'], return: 'i32' },
  fremovexattr: { arguments: ['i32', 'pointer'], return: 'i32' },
  futimens: { arguments: ['i32', 'pointer'], return: 'i32' },
  utimensat: { arguments: ['i32', 'pointer', 'pointer', 'i32'], return: 'i32' },
  lremovexattr: { arguments: ['pointer', 'pointer'], return: 'i32' },
  syscall: { arguments: ['i64', 'i64', 'pointer', 'i64', 'i64', 'i64'], return: 'i64' },
});

export { libc };

/** Linux's own, which Node's list lacks (asm-generic/errno.h). */
const linuxErrno = {
  ENOTBLK: 15,
  EREMOTE: 66,
  ESHUTDOWN: 108,
  EUCLEAN: 117,
  EREMOTEIO: 121,
  ENOMEDIUM: 123,
  EMEDIUMTYPE: 124,
  ENOKEY: 126,
  EKEYEXPIRED: 127,
  EKEYREVOKED: 128,
  EKEYREJECTED: 129,
  EHWPOISON: 133,
};

const names = new Map<number, string>(
  Object.entries({ ...constants.errno, ...linuxErrno }).map(([name, value]) => [value, name]),
);

/** 'ENOENT' for 2; also for what Node itself calls 'Unknown system error -123' (its `errno` is negative). */
export function errnoName(errno: number): string {
  return names.get(Math.abs(errno)) ?? `errno ${Math.abs(errno)}`;
}

/** A system call that failed: `name` is 'ENOENT' and so on, `call` and `args` say what was tried. */
export class ErrnoError extends Error {
  override readonly name = 'ErrnoError';
  readonly code: string;
  readonly errno: number;
  readonly call: string;
  readonly args: readonly (string | number)[];

  constructor(errno: number, call: string, args: readonly (string | number)[]) {
    const code = errnoName(errno);
    super(`${call}(${args.map((arg) => JSON.stringify(arg)).join(', ')}): ${code}`);
    this.code = code;
    this.errno = errno;
    this.call = call;
    this.args = args;
  }
}

/** errno of this thread; only meaningful right after a failed call. */
function lastErrno(): number {
  return getInt32(libc.__errno_location());
}

/** Gives a call's result, or throws what errno says. */
export function checked(result: number, call: string, args: readonly (string | number)[]): number {
  if (result !== -1) return result;
  throw new ErrnoError(lastErrno(), call, args);
}

/** A NUL-terminated C string; the caller keeps the buffer alive across the call. */
export function cString(text: string | Buffer): Buffer {
  return Buffer.concat([typeof text === 'string' ? Buffer.from(text) : text, Buffer.of(0)]);
}
