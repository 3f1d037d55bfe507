import { libc } from './libc.ts';

const POSIX_FADV_WILLNEED = 3;

/**
 * posix_fadvise(POSIX_FADV_WILLNEED): asks the kernel to read bytes of an open file into its cache, and does not wait for them. A
 * piece of advice: what it is no use for (a directory, a pipe) is left alone, without an error.
 */
export function readAhead(fd: number, start: number, length: number): void {
  libc.posix_fadvise(fd, BigInt(start), BigInt(length), POSIX_FADV_WILLNEED);
}
