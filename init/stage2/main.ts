import { existsSync, readFileSync } from 'node:fs';
import { reboot, setConsoleLogLevel } from '@rekindle/linux-syscalls';
import { type CommandLine, parseCommandLine } from '../cmdline.ts';
import { listConsoles } from '../consoles.ts';
import { executablePath } from '../root/switch-root.ts';
import { shellPath } from '../shell.ts';
import { startReaper } from './children.ts';
import { mountFirmwareVariables, prepareDevices } from './devices.ts';
import { attempt, log } from './log.ts';
import { powerSignals, shutDown } from './power.ts';
import { endStart } from './priority.ts';
import { supervise } from './supervise.ts';
import { startUdev } from './udev.ts';

const shellTerminals = ['tty2', 'tty3', 'tty4'];

/** PID 1 in the rescue system: a small supervisor. It neither returns nor throws, whatever its children do. */
export async function runStage2(): Promise<never> {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process
      .removeAllListeners(event)
      .on(event, (error: unknown) => log(`unforeseen: ${error instanceof Error ? error.stack : String(error)}`));
  takeSignals();
  startReaper();
  prepareDevices();
  const commandLine = readCommandLine();
  if (!commandLine.debug) attempt('console log level', () => setConsoleLogLevel(1));
  startConsoles(commandLine);
  void startUdev().then(() => {
    endStart();
    mountFirmwareVariables();
    for (const console of shellTerminals) if (existsSync(`/dev/${console}`)) startShell(console, null);
  });
  return new Promise<never>(() => setInterval(() => undefined, 1 << 30));
}

function readCommandLine(): CommandLine {
  try {
    return parseCommandLine(readFileSync('/proc/cmdline', 'utf8'));
  } catch (error) {
    log(`/proc/cmdline: ${error instanceof Error ? error.message : String(error)}`);
    return parseCommandLine('');
  }
}

function takeSignals(): void {
  attempt('Ctrl-Alt-Del', () => reboot('ctrlAltDelSignal'));
  for (const signal of ['SIGINT', powerSignals.restart] as const) process.on(signal, () => void shutDown('restart'));
  process.on(powerSignals.powerOff, () => void shutDown('powerOff'));
  // As its default action SIGUSR1 makes Node listen for a debugger.
  for (const signal of ['SIGHUP', 'SIGPIPE', 'SIGUSR1'] as const) process.on(signal, () => undefined);
}

/** The engine, and its menu (or a shell) on the kernel's consoles and on those that the command line adds. */
function startConsoles(commandLine: CommandLine): void {
  const extra = commandLine.consoles;
  const names = listConsoles(extra.map(({ name }) => name));
  for (const { name } of extra)
    if (!existsSync(`/dev/${name}`)) log(`rekindle.console=${name}: there is no /dev/${name}`);
  for (const console of names) {
    const speed = extra.find(({ name }) => name === console)?.speed ?? null;
    if (commandLine.shell) startShell(console, speed);
    else supervise({ name: `menu on ${console}`, argv: [executablePath, 'menu'], console, speed });
  }
  supervise({ name: 'engine', argv: [executablePath, 'engine'], urgent: false });
}

function startShell(console: string, speed: number | null): void {
  supervise({ name: `shell on ${console}`, argv: [shellPath(), '-l'], console, speed });
}
