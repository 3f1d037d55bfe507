import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

/** The terminals that the kernel's console names, real ones: tty0 is whichever is shown, so tty1; then the extra ones. */
export function listConsoles(extra: readonly string[] = []): string[] {
  let names: string[];
  try {
    names = readFileSync('/sys/class/tty/console/active', 'utf8').trim().split(/\s+/);
  } catch {
    names = ['console'];
  }
  const all = [...names, ...extra].filter((name) => name !== '').map((name) => (name === 'tty0' ? 'tty1' : name));
  return [...new Set(all)].filter((name) => existsSync(`/dev/${name}`));
}

/** What the terminal understands: a Linux screen, or the VT220 that every serial program shows. */
export function terminalType(console: string): 'linux' | 'vt220' {
  return /^tty\d/.test(console) ? 'linux' : 'vt220';
}

/** A terminal stopped by Ctrl-S, or a serial line without a listener, must not stop PID 1. */
const patienceMs = 1000;
const stuck = new Set<string>();
const clock = new Int32Array(new SharedArrayBuffer(4));

function writeAll(fd: number, data: Buffer, deadline: number): boolean {
  for (let offset = 0; offset < data.length; ) {
    try {
      offset += writeSync(fd, data, offset);
    } catch (error) {
      const full = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!full || performance.now() >= deadline) return false;
      Atomics.wait(clock, 0, 0, 5);
    }
  }
  return true;
}

/** Writes text on one terminal, without making it anybody's controlling one. Never throws. Gives whether all was taken. */
export function writeConsole(name: string, text: string): boolean {
  let fd: number;
  try {
    fd = openSync(`/dev/${name}`, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  const patience = stuck.has(name) ? 0 : patienceMs;
  const taken = writeAll(fd, Buffer.from(text.replaceAll('\n', '\r\n')), performance.now() + patience);
  if (taken) stuck.delete(name);
  else stuck.add(name);
  closeSync(fd);
  return taken;
}

/** Writes text on every console; before /dev is there, where the kernel opened standard output. */
export function writeConsoles(text: string): void {
  const names = listConsoles();
  for (const name of names) writeConsole(name, text);
  if (names.length === 0) writeAll(1, Buffer.from(text.replaceAll('\n', '\r\n')), performance.now() + patienceMs);
}
