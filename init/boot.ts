import { cpSync, existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { setConsoleLogLevel } from '@rekindle/linux-syscalls';
import { RekindleError } from '../common/errors/error.ts';
import { formatBytes } from '../common/format.ts';
import { version } from '../common/version.ts';
import { type CommandLine, parseCommandLine, type Stage } from './cmdline.ts';
import { listConsoles } from './consoles.ts';
import { mountKernelFileSystems } from './kernel-file-systems.ts';
import { pollDrives } from './medium/devices.ts';
import { findMedium } from './medium/find.ts';
import { addParameters, readModuleDatabase } from './modules/database.ts';
import { ModuleLoader } from './modules/loader.ts';
import { alwaysNeeded, neverNeeded } from './modules/medium-modules.ts';
import { handOnSeal, readOwnSeal } from './own-seal.ts';
import { prepareMenu } from './prepared-menu.ts';
import { availableMemory } from './root/memory.ts';
import { assertRoomForCopy, mountRdBase, newRoot } from './root/rd-base.ts';
import { switchRoot } from './root/switch-root.ts';
import { note, say, sayEverything, sayReport } from './say.ts';
import { runShell } from './shell.ts';

/** Of the latest attempt: it goes on while the person is being asked what to do. */
let loading: ModuleLoader | null = null;

/**
 * From the kernel's hand-over to the rescue system's root, which is / afterwards. May be called again after a failure.
 * @throws RekindleError RK101 to RK113
 */
export async function boot(): Promise<void> {
  mountKernelFileSystems();
  const commandLine = parseCommandLine(readFileSync('/proc/cmdline', 'utf8'));
  if (commandLine.debug) sayEverything();
  else setConsoleLogLevel(1);
  say(`Rekindle ${version}, Linux ${release()}, ${formatBytes(availableMemory())} of memory free`);
  for (const word of commandLine.unknown) say(`Unknown kernel argument, ignored: ${word}`);
  await stop('cmdline', commandLine);
  await stop('modules', commandLine);
  loading?.stop();
  const loader = loadModules(commandLine);
  loader.watch();
  loading = loader;
  await stop('medium', commandLine);
  const seal = await readOwnSeal();
  if (commandLine.toram) assertRoomForCopy(seal.rdBase.size);
  if (!commandLine.shell && !commandLine.toram) prepareMenu(listConsoles().at(-1));
  pollDrives();
  const medium = await findMedium({ set: commandLine.set, seal, toram: commandLine.toram }, loader);
  say(`Medium: ${medium.device} (${medium.type}), set ${medium.uuid}`);
  await stop('rdbase', commandLine);
  mountRdBase(medium.rdBase);
  await stop('pivot', commandLine);
  loader.stop();
  loading = null;
  keepTrustedKeys();
  handOnSeal(seal);
  switchRoot(newRoot);
  note(`${formatBytes(availableMemory())} of memory free in the rescue system`);
}

/** The initrd's keys came with the kernel; rd-base's own must not count then. */
function keepTrustedKeys(): void {
  const keys = '/etc/rekindle/trusted-keys';
  if (existsSync(keys)) cpSync(keys, '/run/rekindle/trusted-keys', { recursive: true });
}

async function stop(stage: Stage, commandLine: CommandLine): Promise<void> {
  if (commandLine.breakAt !== stage) return;
  say(`rekindle.break=${stage}: stopped before this stage.`);
  await runShell(listConsoles());
}

/** Loads the drivers of all devices, and what no device asks for. What the person asked for by name is reported when it fails. */
function loadModules(commandLine: CommandLine): ModuleLoader {
  const database = readModuleDatabase(join('/lib/modules', release()));
  for (const name of [...commandLine.blacklist, ...neverNeeded]) database.blacklist.add(name);
  for (const [name, parameters] of commandLine.parameters) addParameters(database.parameters, name, parameters);
  const loader = new ModuleLoader(database);
  for (const name of commandLine.modules) {
    const result = loader.load(name);
    if (result.outcome === 'failed') sayReport(new RekindleError('RK102', result.reason).report());
  }
  for (const name of alwaysNeeded) {
    const result = loader.load(name);
    if (result.outcome === 'failed') sayReport(new RekindleError('RK110', result.reason).report());
  }
  loader.coldplugAll();
  return loader;
}
