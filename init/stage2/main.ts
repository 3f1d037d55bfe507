import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { mount, reboot, setConsoleLogLevel } from '@rekindle/linux-syscalls';
import { parseCommandLine } from '../cmdline.ts';
import { executablePath } from '../root/switch-root.ts';
import { listConsoles, shellArgv } from '../shell.ts';
import { startReaper } from './children.ts';
import { log } from './log.ts';
import { shutDown } from './power.ts';
import { supervise } from './supervise.ts';
import { startUdev } from './udev.ts';

const shellTerminals = ['tty2', 'tty3', 'tty4'];

/** PID 1 in the rescue system: a small supervisor. It neither returns nor throws, whatever its children do. */
export async function runStage2(): Promise<never> {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error) => log(`unforeseen: ${error instanceof Error ? error.stack : String(error)}`));
  takeSignals();
  startReaper();
  tryOr('devices', prepareDevices);
  const commandLine = parseCommandLine(readFileSync('/proc/cmdline', 'utf8'));
  if (!commandLine.debug) tryOr('console log level', () => setConsoleLogLevel(1));
  supervise({ name: 'engine', argv: [executablePath, 'engine'] });
  for (const console of listConsoles(commandLine.consoles)) startConsole(console, commandLine.shell);
  for (const terminal of shellTerminals) if (existsSync(`/dev/${terminal}`)) startShell(terminal);
  void startUdev();
  return new Promise<never>(() => setInterval(() => undefined, 1 << 30));
}

function takeSignals(): void {
  tryOr('Ctrl-Alt-Del', () => reboot('ctrlAltDelSignal'));
  process.on('SIGINT', () => void shutDown('restart'));
  process.on('SIGTERM', () => void shutDown('restart'));
  process.on('SIGUSR2', () => void shutDown('powerOff'));
  for (const signal of ['SIGHUP', 'SIGPIPE'] as const) process.on(signal, () => undefined);
}

function prepareDevices(): void {
  mkdirSync('/dev/pts', { recursive: true });
  mkdirSync('/dev/shm', { recursive: true });
  mount('devpts', '/dev/pts', 'devpts', 0, 'gid=5,mode=620,ptmxmode=666');
  mount('tmpfs', '/dev/shm', 'tmpfs');
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
  ] as const)
    if (!existsSync(`/dev/${name}`)) symlinkSync(target, `/dev/${name}`);
}

function startConsole(console: string, shell: boolean): void {
  if (shell) startShell(console);
  else
    supervise({
      name: `menu on ${console}`,
      argv: [executablePath, 'menu'],
      tty: `/dev/${console}`,
      env: terminalOf(console),
    });
}

function startShell(terminal: string): void {
  supervise({
    name: `shell on ${terminal}`,
    argv: [...shellArgv(), '-l'],
    tty: `/dev/${terminal}`,
    env: terminalOf(terminal),
  });
}

function terminalOf(console: string): Record<string, string> {
  return { TERM: /^tty\d/.test(console) ? 'linux' : 'vt220', REKINDLE_CONSOLE: console };
}

function tryOr(what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
