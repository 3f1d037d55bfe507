import { checked, cString, ErrnoError, libc } from './libc.ts';

/** Calls with the size that the kernel asks for; again when the attribute grew in between (ERANGE). */
function read(call: string, args: string[], into: (buffer: Buffer | null, size: bigint) => number | bigint): Buffer {
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

/**
 * llistxattr(2): names of the extended attributes of a file, a symbolic link's own; `user.x`, `system.posix_acl_access`.
 * Names are bytes (latin1 keeps them as they are). @throws ErrnoError EOPNOTSUPP where the file system has none.
 */
export function listXattrs(path: string | Buffer): string[] {
  const name = cString(path);
  const list = read('llistxattr', [path.toString()], (buffer, size) => libc.llistxattr(name, buffer, size));
  return list
    .toString('latin1')
    .split('\0')
    .filter((entry) => entry !== '');
}

/** lgetxattr(2): the value of one extended attribute, its name as `listXattrs` gave it. @throws ErrnoError ENODATA when it is not there. */
export function getXattr(path: string | Buffer, attribute: string): Buffer {
  const name = cString(path);
  const key = cString(Buffer.from(attribute, 'latin1'));
  return read('lgetxattr', [path.toString(), attribute], (buffer, size) => libc.lgetxattr(name, key, buffer, size));
}

/** lremovexattr(2), by a name that `listXattrs` gave. @throws ErrnoError ENODATA when it is not there. */
export function removeXattr(path: string | Buffer, attribute: string): void {
  const key = cString(Buffer.from(attribute, 'latin1'));
  checked(libc.lremovexattr(cString(path), key), 'lremovexattr', [path.toString(), attribute]);
}
