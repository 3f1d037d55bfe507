import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { isThere } from '../../common/files/is-there.ts';
import { run } from '../../common/run.ts';
import { loadOrder, type ModuleDatabase, normalizeName, readModuleDatabase } from '../../init/modules/database.ts';
import { alwaysNeeded, fileSystemModules } from '../../init/modules/medium-modules.ts';
import { unpackedName, writeModule } from './module-file.ts';
import { initrdFolders, initrdForeign, initrdLeftOut, leftOutFolders, leftOutLoaded } from './module-lists.ts';

export interface ModuleSource {
  /** '/lib/modules/6.1.0-56-amd64' */
  directory: string;
  release: string;
}

/** Files relative to the modules' directory. */
export interface ModuleChoice {
  initrd: string[];
  rdBase: string[];
}

/** The modules of a kernel. @throws RekindleError RK209 when they are not there. */
export async function findModules(release: string, root = '/'): Promise<ModuleSource> {
  const candidates = ['lib/modules', 'usr/lib/modules'].map((folder) => join(root, folder, release));
  for (const directory of candidates) if (await isThere(join(directory, 'modules.dep'))) return { directory, release };
  const others = await readdir(join(root, 'lib/modules')).catch((): string[] => []);
  throw new RekindleError(
    'RK209',
    `${join(candidates[0] ?? '', 'modules.dep')} is not there. Modules here: ${others.join(', ') || 'none'}`,
  );
}

function folderOf(source: ModuleSource, file: string): string {
  return file.slice(source.directory.length + 1).replace(/^kernel\//, '');
}

/** Soft dependencies may be aliases: ext4 wants 'crc32c', which crc32c_generic and crc32c_intel are. */
function softAliases(database: ModuleDatabase, module: string): string[] {
  const soft = database.softdeps.get(module);
  const names = [...(soft?.pre ?? []), ...(soft?.post ?? [])].filter((name) => !database.files.has(name));
  if (names.length === 0) return [];
  const aliases = [...database.aliases.values()].flat();
  return aliases.filter(({ pattern }) => names.includes(normalizeName(pattern))).map(({ name }) => name);
}

/** Files of the wanted modules and of all that they need, soft dependencies too, relative to the modules' directory. */
export function closeModules(database: ModuleDatabase, source: ModuleSource, names: Iterable<string>): string[] {
  const done = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop())
    for (const module of loadOrder(database, name)) {
      if (done.has(module)) continue;
      done.add(module);
      queue.push(...softAliases(database, module));
    }
  const files = [...done].flatMap((module) => database.files.get(module) ?? []);
  return files.map((file) => file.slice(source.directory.length + 1)).sort();
}

/** What the initrd holds (to reach the medium) and what rd-base holds (all of the initrd's and the rest). */
export async function selectModules(source: ModuleSource): Promise<ModuleChoice> {
  // The machine's modprobe.d does not travel: an `install` or `blacklist` line there must not hide a driver.
  const database = readModuleDatabase(source.directory, '/nonexistent');
  const loaded = await loadedModules();
  const initrd: string[] = [...alwaysNeeded, ...Object.values(fileSystemModules).flat()];
  const rdBase: string[] = [];
  for (const [name, file] of database.files) {
    const path = folderOf(source, file);
    if (liesIn(initrdFolders, path) && !initrdLeftOut.test(name)) {
      const needed = closeModules(database, source, [name]).map((each) => each.replace(/^kernel\//, ''));
      if (!needed.some((each) => liesIn(initrdForeign, each))) initrd.push(name);
    }
    const wanted = !liesIn(leftOutFolders, path);
    if (wanted || (loaded.includes(name) && !leftOutLoaded.test(name))) rdBase.push(name);
  }
  return {
    initrd: closeModules(database, source, initrd),
    rdBase: closeModules(database, source, [...rdBase, ...initrd]),
  };
}

function liesIn(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => path.startsWith(folder));
}

/** Names of the modules that the running kernel has loaded. */
export async function loadedModules(): Promise<string[]> {
  const text = await readFile('/proc/modules', 'utf8').catch(() => '');
  return text
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '');
}

/** Writes modules, unpacked, below `root` and makes their indexes with depmod. */
export async function installModules(source: ModuleSource, files: readonly string[], root: string): Promise<void> {
  const target = join(root, 'usr/lib/modules', source.release);
  for (const file of files) await writeModule(join(source.directory, file), join(target, unpackedName(file)));
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'])
    if (await isThere(join(source.directory, name)))
      await writeModule(join(source.directory, name), join(target, name));
  await run(['depmod', '-b', root, source.release]);
}
