import { getSystemErrorMap } from 'node:util';

/** A failed call of the operating system: of Node, or of ours (ErrnoError of linux-syscalls). */
interface SystemError extends Error {
  code: string;
  errno: number;
  syscall?: string;
  path?: string;
  dest?: string;
  address?: string;
}

/** What it refused and why, with what a person can do about it. */
export interface SystemFailure {
  /** RK498 for what cannot be opened or read, RK495 for all else. */
  code: 'RK495' | 'RK498';
  cause: string;
  hint: string;
}

const look = 'Look at the log of the kernel ("dmesg"); check the cable, the disk or the disc.';
const room = 'Free some space there, or name another place; then run it again.';
const size = 'No file may be so large there: raise the limit (ulimit -f), or name a place on another file system.';
const allowed = 'Run it as root, or see who may use what is named (ls -ld, mount options).';
const name = 'See that the name is spelled right, and what is there (ls -ld).';
const limits = 'End other programs or raise the limit (ulimit, memory), then run it again.';
const network = 'Check the network and the machine at its other end, then run it again.';
const cannot = 'The file system or device there cannot do this: name another place.';

/** What the machine or a person can be blamed for; any other error of a call is a mistake of ours. */
const hints: Readonly<Record<string, string>> = {
  ...{ ENOSPC: room, EDQUOT: room, EFBIG: size },
  ...{ EACCES: allowed, EPERM: allowed },
  EROFS: 'It is on a read-only file system: name another place, or mount that one writable.',
  ...{ EIO: look, ENXIO: look, ENODEV: look, ENOMEDIUM: look, EMEDIUMTYPE: look, EREMOTEIO: look, EUCLEAN: look },
  ...{ ENOENT: name, ENOTDIR: name, EISDIR: name, ELOOP: name, ENAMETOOLONG: name, EEXIST: name, ENOTEMPTY: name },
  EPIPE: 'What read the output has ended: run it again with its output in a file.',
  ...{ EMFILE: limits, ENFILE: limits, ENOMEM: limits, EAGAIN: limits, ENOLCK: limits },
  ...{ EBUSY: 'Find out what uses it (fuser -vm), end that, then run it again.', ETXTBSY: 'End what runs it first.' },
  ...{ EOPNOTSUPP: cannot, ENOTSUP: cannot, EXDEV: cannot, ENOTTY: cannot },
  ...{ ECONNREFUSED: network, ECONNRESET: network, ETIMEDOUT: network, EHOSTUNREACH: network, ENETUNREACH: network },
  ...{ ESTALE: network, EHOSTDOWN: network, ENETDOWN: network, EADDRINUSE: network, ENOTCONN: network },
};

/** Linux's own, which Node calls "Unknown system error". */
const unnamed: Readonly<Record<number, [string, string]>> = {
  117: ['EUCLEAN', 'the file system is not clean'],
  121: ['EREMOTEIO', 'remote input or output error'],
  123: ['ENOMEDIUM', 'no medium in the drive'],
  124: ['EMEDIUMTYPE', 'wrong type of medium'],
};

const opening = /^(open|stat|lstat|statx|access|realpath|readlink|scandir|opendir|read)$/;

/** Whether it says something of what was to be opened, not of room or limits. */
function isAbout(code: string): boolean {
  return [name, allowed, look].includes(hints[code] ?? '');
}

/** Null for what is no refusal of the system, or one that only a mistake of ours brings about. */
export function systemFailure(error: unknown): SystemFailure | null {
  if (!isSystemError(error)) return null;
  const known = unnamed[Math.abs(error.errno)];
  const code = known?.[0] ?? error.code;
  const hint = hints[code];
  if (hint === undefined) return null;
  const words = known?.[1] ?? getSystemErrorMap().get(-Math.abs(error.errno))?.[1] ?? code;
  const why = opening.test(error.syscall ?? '') && isAbout(code) ? 'RK498' : 'RK495';
  const named = [error.path, error.dest, error.address].filter((each) => each !== undefined);
  const what = named.map((each) => (each === '' ? '""' : each)).join(' -> ');
  // Without a path the message at least names the call.
  if (what === '')
    return { code: why, cause: error.syscall ? `${error.syscall}: ${words} (${code})` : error.message, hint };
  return { code: why, cause: `${what}: ${words} (${error.syscall ? `${error.syscall}, ` : ''}${code})`, hint };
}

/** Whether the call says something of this process (its rights, its limits), and nothing of what it wanted to read. */
export function refusesUs(error: unknown): boolean {
  return isSystemError(error) && /^(EACCES|EPERM|EMFILE|ENFILE|ENOMEM|EAGAIN)$/.test(error.code);
}

function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    'code' in error &&
    typeof error.code === 'string'
  );
}
