import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { mount, mountFlags, reboot, setConsoleLogLevel, sync } from '@rekindle/linux-syscalls';
import { RekindleError, reportOf } from '../common/errors/error.ts';
import { formatBytes } from '../common/format.ts';
import { version } from '../common/version.ts';
import { ask } from './ask.ts';
import { type CommandLine, parseCommandLine, type Stage } from './cmdline.ts';
import { findMedium, type Medium, mediumMount } from './medium/find.ts';
import { readSet } from './medium/set.ts';
import { readModuleDatabase } from './modules/database.ts';
import { ModuleLoader } from './modules/loader.ts';
import { mediumModules } from './modules/medium-modules.ts';
import { availableMemory, checkRdBase, mountRdBase, newRoot } from './root/rd-base.ts';
import { executablePath, switchRoot } from './root/switch-root.ts';
import { flushLog, note, say, sayEverything, sayReport } from './say.ts';
import { runShell } from './shell.ts';

/** PID 1 in the initramfs: from the kernel's hand-over to the rescue system. It neither returns nor throws. */
export async function runInit(): Promise<never> {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error) => sayReport(reportOf(error)));
  for (;;) {
    try {
      await boot();
    } catch (error) {
      await offerHelp(error);
    }
  }
}

async function offerHelp(error: unknown): Promise<void> {
  sayReport(reportOf(error));
  for (;;) {
    const choice = await ask(['retry', 'shell', 'boot again']);
    if (choice === 'retry') return;
    if (choice === 'shell') await runShell();
    else {
      sync();
      reboot('restart');
    }
  }
}

async function boot(): Promise<void> {
  mountKernelFileSystems();
  const commandLine = parseCommandLine(readFileSync('/proc/cmdline', 'utf8'));
  if (commandLine.debug) sayEverything();
  else setConsoleLogLevel(1);
  say(`Rekindle ${version}, kernel ${release()}, ${formatBytes(availableMemory())} of memory free`);
  for (const word of commandLine.unknown) say(`Unknown kernel argument: ${word}`);
  await stop('cmdline', commandLine);
  const loader = loadModules(commandLine);
  await stop('medium', commandLine);
  const medium = await findMedium(commandLine.set, loader);
  say(`Medium: ${medium.device} (${medium.type}), set ${medium.uuid}`);
  await stop('rdbase', commandLine);
  await prepareRoot(medium, commandLine.toram);
  await stop('pivot', commandLine);
  enterStage2(medium);
}

async function stop(stage: Stage, commandLine: CommandLine): Promise<void> {
  if (commandLine.breakAt !== stage) return;
  say(`rekindle.break=${stage}: stopped before this stage.`);
  await runShell();
}

function mountKernelFileSystems(): void {
  const { MS_NOSUID, MS_NODEV, MS_NOEXEC } = mountFlags;
  const wanted: [type: string, target: string, flags: number, data: string][] = [
    ['proc', '/proc', MS_NOSUID | MS_NODEV | MS_NOEXEC, ''],
    ['sysfs', '/sys', MS_NOSUID | MS_NODEV | MS_NOEXEC, ''],
    ['devtmpfs', '/dev', MS_NOSUID, 'mode=0755'],
    ['tmpfs', '/run', MS_NOSUID | MS_NODEV, 'mode=0755'],
  ];
  for (const [type, target, flags, data] of wanted) {
    const present = existsSync('/proc/mounts') && readFileSync('/proc/mounts', 'utf8').includes(` ${target} ${type} `);
    if (present) continue;
    try {
      mkdirSync(target, { recursive: true });
      mount(type, target, type, flags, data);
    } catch (error) {
      throw new RekindleError('RK101', error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
  mkdirSync('/run/rekindle', { recursive: true, mode: 0o700 });
}

function loadModules(commandLine: CommandLine): ModuleLoader {
  const loader = new ModuleLoader(readModuleDatabase(join('/lib/modules', release())));
  for (const name of mediumModules) loader.load(name);
  loader.coldplug();
  for (const name of commandLine.modules) {
    const result = loader.load(name);
    if (result.outcome === 'failed') sayReport(new RekindleError('RK102', `${name}: ${result.reason}`).report());
  }
  return loader;
}

async function prepareRoot(medium: Medium, toram: boolean): Promise<void> {
  const directory = join(mediumMount, 'rekindle', medium.uuid);
  const set = readSet(directory);
  const file = join(directory, set.rdBase.path);
  const copy = toram ? '/run/rekindle/rd-base.squashfs' : null;
  if (copy && availableMemory() < set.rdBase.size + 128 * 1024 * 1024)
    throw new RekindleError(
      'RK108',
      `rekindle.toram needs ${formatBytes(set.rdBase.size)} and 128 MB more; free are ${formatBytes(availableMemory())}`,
    );
  note(`checking ${file}`);
  await checkRdBase(file, set.rdBase, copy);
  mountRdBase(copy ?? file);
}

function enterStage2(medium: Medium): never {
  flushLog('/run/rekindle/rekindle.log');
  switchRoot(newRoot);
  const environment = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    HOME: '/root',
    REKINDLE_MEDIUM: medium.device,
  };
  try {
    process.execve?.(executablePath, ['rekindle', 'stage2'], environment);
  } catch (error) {
    throw new RekindleError(
      'RK107',
      `execve ${executablePath}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  throw new RekindleError('RK107', 'this Node has no execve');
}
