import { getRawPointer } from 'node:ffi';
import { checked, cString, libc } from './libc.ts';

/** Flags of mount(2) and umount2(2). */
export const mountFlags = {
  MS_RDONLY: 1,
  MS_NOSUID: 2,
  MS_NODEV: 4,
  MS_NOEXEC: 8,
  MS_REMOUNT: 32,
  MS_BIND: 4096,
  MS_MOVE: 8192,
  MS_REC: 16384,
  MS_PRIVATE: 1 << 18,
} as const;
export const MNT_DETACH = 2;

/** mount(2). `type` and `data` may be empty. @throws ErrnoError */
export function mount(source: string, target: string, type: string, flags = 0, data = ''): void {
  const result = libc.mount(
    cString(source),
    cString(target),
    type === '' ? null : cString(type),
    BigInt(flags),
    data === '' ? null : cString(data),
  );
  checked(result, 'mount', [source, target, type, flags, data]);
}

/** umount2(2). @throws ErrnoError */
export function umount(target: string, flags = 0): void {
  checked(libc.umount2(cString(target), flags), 'umount2', [target, flags]);
}

/** chroot(2); the caller changes its directory itself. @throws ErrnoError */
export function chroot(path: string): void {
  checked(libc.chroot(cString(path)), 'chroot', [path]);
}

const SYS_pivot_root = 155n;

/** pivot_root(2): glibc has no wrapper. EINVAL on an initramfs of kernels before 7.2. @throws ErrnoError */
export function pivotRoot(newRoot: string, putOld: string): void {
  const first = cString(newRoot);
  const second = cString(putOld);
  const result = libc.syscall(SYS_pivot_root, getRawPointer(first), second, 0n, 0n, 0n);
  checked(Number(result), 'pivot_root', [newRoot, putOld]);
}
