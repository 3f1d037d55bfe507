import { checked, cString, ErrnoError, libc } from './libc.ts';

/** By path, whose last link is not followed, or by a file descriptor that was not opened with O_PATH. */
type File = number | string | Buffer;

/** Calls with the size that the kernel asks for; again when the attribute grew in between (ERANGE). */
function read(
  call: string,
  args: (string | number)[],
  into: (buffer: Buffer | null, size: bigint) => number | bigint,
): Buffer {
  for (;;) {
    const size = checked(Number(into(null, 0n)), call, args);
    if (size === 0) return Buffer.alloc(0);
    const buffer = Buffer.alloc(size);
    try {
      return buffer.subarray(0, checked(Number(into(buffer, BigInt(size))), call, args));
    } catch (error) {
      if (!(error instanceof ErrnoError && error.code === 'ERANGE')) throw error;
    }
  }
}

function listOf(file: File): Buffer {
  if (typeof file === 'number')
    return read('flistxattr', [file], (buffer, size) => libc.flistxattr(file, buffer, size));
  const name = cString(file);
  return read('llistxattr', [file.toString()], (buffer, size) => libc.llistxattr(name, buffer, size));
}

/**
 * llistxattr(2), flistxattr(2): names of the extended attributes of a file, a symbolic link's own; `user.x`,
 * `system.posix_acl_access`. Names are bytes (latin1 keeps them as they are). @throws ErrnoError EOPNOTSUPP where the file system
 * has none.
 */
export function listXattrs(file: File): string[] {
  return listOf(file)
    .toString('latin1')
    .split('\0')
    .filter((entry) => entry !== '');
}

/** lgetxattr(2), fgetxattr(2): the value of one extended attribute, its name as `listXattrs` gave it. @throws ErrnoError ENODATA when it is not there. */
export function getXattr(file: File, attribute: string): Buffer {
  const key = cString(Buffer.from(attribute, 'latin1'));
  if (typeof file === 'number')
    return read('fgetxattr', [file, attribute], (buffer, size) => libc.fgetxattr(file, key, buffer, size));
  const name = cString(file);
  return read('lgetxattr', [file.toString(), attribute], (buffer, size) => libc.lgetxattr(name, key, buffer, size));
}

/** fsetxattr(2): makes or replaces one. @throws ErrnoError EPERM, EOPNOTSUPP */
export function setXattr(fd: number, attribute: string, value: Buffer): void {
  const key = cString(Buffer.from(attribute, 'latin1'));
  const bytes = value.length === 0 ? null : value;
  checked(libc.fsetxattr(fd, key, bytes, BigInt(value.length), 0), 'fsetxattr', [fd, attribute]);
}

/** lremovexattr(2), fremovexattr(2), by a name that `listXattrs` gave. @throws ErrnoError ENODATA when it is not there. */
export function removeXattr(file: File, attribute: string): void {
  const key = cString(Buffer.from(attribute, 'latin1'));
  if (typeof file === 'number') checked(libc.fremovexattr(file, key), 'fremovexattr', [file, attribute]);
  else checked(libc.lremovexattr(cString(file), key), 'lremovexattr', [file.toString(), attribute]);
}
