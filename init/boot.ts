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
import { findMedium } from './medium/find.ts';
import { mediumMount } from './medium/inspect.ts';
import { needsOtherDiscs, readSet } from './medium/set.ts';
import { addParameters, readModuleDatabase } from './modules/database.ts';
import { ModuleLoader } from './modules/loader.ts';
import { alwaysNeeded, neverNeeded } from './modules/medium-modules.ts';
import { availableMemory } from './root/memory.ts';
import { newRoot, prepareRoot } from './root/rd-base.ts';
import { switchRoot } from './root/switch-root.ts';
import { note, say, sayEverything, sayReport } from './say.ts';
import { runShell } from './shell.ts';

/** Of the latest attempt: it goes on while the person is being asked what to do. */
let loading: ModuleLoader | null = null;

/**
 * From the kernel's hand-over to the rescue system's root, which is / afterwards. May be called again after a failure.
 * @throws RekindleError RK101 to RK110
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
  const medium = await findMedium(commandLine.set, loader);
  say(`Medium: ${medium.device} (${medium.type}), set ${medium.uuid}`);
  await stop('rdbase', commandLine);
  const set = readSet(mediumMount, medium.uuid);
  await prepareRoot(join(mediumMount, 'rekindle', medium.uuid), set, commandLine.toram || needsOtherDiscs(set));
  await stop('pivot', commandLine);
  loader.stop();
  loading = null;
  keepTrustedKeys();
  switchRoot(newRoot);
  note(`${formatBytes(availableMemory())} of memory free in the rescue system`);
}

/** The initrd's keys came with the kernel; rd-base may come from elsewhere, and its own must not count then. */
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
