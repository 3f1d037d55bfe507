import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { say } from './say.ts';

/** The terminals that the kernel's console names, real ones: tty0 is whichever is shown, so tty1. */
export function listConsoles(extra: readonly string[] = []): string[] {
  let names: string[] = [];
  try {
    names = readFileSync('/sys/class/tty/console/active', 'utf8').trim().split(/\s+/);
  } catch {
    names = ['console'];
  }
  const all = [...names, ...extra].filter((name) => name !== '').map((name) => (name === 'tty0' ? 'tty1' : name));
  return [...new Set(all)].filter((name) => existsSync(`/dev/${name}`));
}

/** Only a session leader with a controlling terminal gets job control: setsid(1) does both where it is there. */
export function shellArgv(): [string, ...string[]] {
  const shell = ['/bin/bash', '/bin/sh'].find((path) => existsSync(path)) ?? '/bin/sh';
  const setsid = ['/usr/bin/setsid', '/bin/setsid'].find((path) => existsSync(path));
  return setsid ? [setsid, '--ctty', '--wait', shell] : [shell];
}

/** A shell on the kernel's main console; resolves when it ends. Never rejects. */
export function runShell(): Promise<void> {
  const console = listConsoles().at(-1) ?? 'console';
  say('A shell. "exit" goes on.');
  return new Promise((resolve) => {
    let fd: number;
    try {
      fd = openSync(`/dev/${console}`, 'r+');
    } catch (error) {
      say(`/dev/${console}: ${error instanceof Error ? error.message : String(error)}`);
      resolve();
      return;
    }
    const [file, ...args] = shellArgv();
    const child = spawn(file, args, {
      stdio: [fd, fd, fd],
      detached: true,
      cwd: '/',
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        TERM: console.startsWith('ttyS') ? 'vt220' : 'linux',
        HOME: '/',
        PS1: 'rekindle \\w # ',
      },
    });
    closeSync(fd);
    child.on('error', (error) => {
      say(`The shell did not start: ${error.message}`);
      resolve();
    });
    child.on('exit', () => resolve());
  });
}
