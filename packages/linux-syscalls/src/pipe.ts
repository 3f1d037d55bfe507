import { checked, ErrnoError, libc } from './libc.ts';

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;

/**
 * pipe(7): what is written to one end is read from the other. Node's own pipes to children are sockets, which take 64 KiB at a
 * time. Close both ends; a child gets the write end as one of its `stdio`.
 * @param size bytes that it holds, at best. @throws ErrnoError EMFILE, ENFILE
 */
export function openPipe(size: number): { read: number; write: number } {
  const ends = Buffer.alloc(8);
  checked(libc.pipe2(ends, O_CLOEXEC), 'pipe2', []);
  const [read, write] = [ends.readInt32LE(0), ends.readInt32LE(4)];
  try {
    checked(libc.fcntl(write, F_SETPIPE_SZ, size), 'fcntl', [write, F_SETPIPE_SZ, size]);
  } catch (error) {
    // More than this user may have (pipe-max-size, pipe-user-pages-soft): it works with its usual size too.
    if (!(error instanceof ErrnoError)) throw error;
  }
  return { read, write };
}
