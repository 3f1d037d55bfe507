import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ModuleDatabase, normalizeName, readModuleDatabase } from '../../../init/modules/database.ts';
import { alwaysNeeded } from '../../../init/modules/medium-modules.ts';
import { findModules } from '../../rescue/modules.ts';
import { type Check, type Finding, notChecked, ok } from '../finding.ts';

/** Between the kernel and the medium, whatever the machine: the disc drive, the USB stick, their file system, the rescue system. */
const mediumPath = [...alwaysNeeded, 'isofs', 'usb_storage', 'xhci_hcd', 'ext4'];

async function unversionedDatabase(release: string, root: string): Promise<ModuleDatabase | null> {
  const source = await findModules(release, root).catch(() => null);
  return source && readModuleDatabase(source.directory, '/nonexistent');
}

/** Names of the modules that drive a device and all that it hangs on, from sysfs: 'sd_mod', 'ahci'. */
export async function driversOf(device: string): Promise<string[]> {
  const names = new Set<string>();
  let path = await realpath(device).catch(() => '');
  while (path.startsWith('/sys/devices/')) {
    const module = await readlink(join(path, 'driver/module')).catch(() => null);
    if (module) names.add(normalizeName(basename(module)));
    path = dirname(path);
  }
  return [...names];
}

/** The drivers of all disks of this machine, not of what is made of them (loop, dm, md). */
async function diskDrivers(): Promise<Map<string, string>> {
  const drivers = new Map<string, string>();
  for (const disk of await readdir('/sys/block').catch((): string[] => [])) {
    const device = join('/sys/block', disk, 'device');
    if (!(await lstat(device).catch(() => null))) continue;
    for (const name of await driversOf(device)) drivers.set(name, disk);
  }
  return drivers;
}

function isKnown(database: ModuleDatabase, name: string): boolean {
  return database.builtin.has(normalizeName(name)) || database.files.has(normalizeName(name));
}

async function unknownDrivers(database: ModuleDatabase, release: string): Promise<Finding[]> {
  const drivers = await diskDrivers();
  if (drivers.size === 0) return notChecked('The kernel names no driver of any disk (/sys/block).');
  return [...drivers]
    .filter(([name]) => !isKnown(database, name))
    .map(([name, disk]) => ({
      level: 'problem',
      what: `The driver of ${disk}, ${name}, is not among the modules of kernel ${release}.`,
      fix: 'Install the package that brought this driver for the running kernel again.',
    }));
}

export const bootPath: Check = {
  id: 'boot-path',
  title: 'Drivers from the medium to the disks',
  async run({ release, root }): Promise<Finding[]> {
    const database = await unversionedDatabase(release, root);
    // Their own check says what is wrong.
    if (!database) return notChecked('The modules of the running kernel are not there.');
    const missing = mediumPath.filter((name) => !isKnown(database, name));
    const findings: Finding[] = missing.map((name) => ({
      level: name === 'usb_storage' || name === 'xhci_hcd' || name === 'ext4' ? 'warning' : 'problem',
      what: `Kernel ${release} has no ${name}, neither as a module nor built in.`,
      fix: "Boot the distribution's own kernel and make the medium there.",
    }));
    if (root === '/') findings.push(...(await unknownDrivers(database, release)));
    return findings.length > 0 ? findings : ok;
  },
};
