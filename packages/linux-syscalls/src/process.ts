import { checked, ErrnoError, libc } from './libc.ts';

const P_ALL = 0;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
/** Offset of si_pid in siginfo_t on 64-bit Linux. */
const SI_PID = 16;

/**
 * The pid of a child that ended, without reaping it; null when none did.
 * PID 1 looks first, so that it never takes away a child that libuv waits for.
 */
export function peekDeadChild(): number | null {
  const info = Buffer.alloc(128);
  try {
    checked(libc.waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT), 'waitid', [P_ALL, WNOWAIT]);
  } catch (error) {
    if (error instanceof ErrnoError && error.code === 'ECHILD') return null;
    throw error;
  }
  const pid = info.readInt32LE(SI_PID);
  return pid === 0 ? null : pid;
}

/** Reaps one child that ended. Gives its wait status, null when it has not ended or is not ours. */
export function reapChild(pid: number): number | null {
  const status = Buffer.alloc(4);
  try {
    return checked(libc.waitpid(pid, status, WNOHANG), 'waitpid', [pid]) === pid ? status.readInt32LE(0) : null;
  } catch (error) {
    if (error instanceof ErrnoError && error.code === 'ECHILD') return null;
    throw error;
  }
}

/** Commands of reboot(2). */
export const rebootCommands = {
  restart: 0x01234567,
  powerOff: 0x4321fedc,
  halt: 0xcdef0123 | 0,
  /** Ctrl-Alt-Del sends SIGINT to PID 1 instead of rebooting at once. */
  ctrlAltDelSignal: 0,
} as const;

/** reboot(2). Returns only for `ctrlAltDelSignal`. @throws ErrnoError */
export function reboot(command: keyof typeof rebootCommands): void {
  checked(libc.reboot(rebootCommands[command]), 'reboot', [command]);
}

/** sync(2): all file systems. */
export function sync(): void {
  libc.sync();
}

/** syncfs(2): the file system that holds this open file. @throws ErrnoError */
export function syncfs(fd: number): void {
  checked(libc.syncfs(fd), 'syncfs', [fd]);
}

const SYSLOG_ACTION_CONSOLE_LEVEL = 8;

/** Only kernel messages below this level (1 to 8) reach the console. @throws ErrnoError */
export function setConsoleLogLevel(level: number): void {
  checked(libc.klogctl(SYSLOG_ACTION_CONSOLE_LEVEL, null, level), 'klogctl', [level]);
}
