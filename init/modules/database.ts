import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Alias {
  /** With shell wildcards. */
  pattern: string;
  /** The literal beginning of the pattern. */
  prefix: string;
  name: string;
}

/** What depmod(8) wrote about a kernel's modules, by normalised name ('-' is '_'). */
export interface ModuleDatabase {
  /** name -> file, absolute. */
  files: Map<string, string>;
  /** name -> names that must be loaded before, in order. */
  dependencies: Map<string, string[]>;
  aliases: Alias[];
  /** The same by their bus: 'pci' of 'pci:v00008086d*'; of a plain name the whole. */
  aliasesByBus: Map<string, Alias[]>;
  softdeps: Map<string, { pre: string[]; post: string[] }>;
  builtin: Set<string>;
  blacklist: Set<string>;
  /** name -> parameters, from `options` lines. */
  parameters: Map<string, string>;
}

type Configuration = Pick<ModuleDatabase, 'softdeps' | 'blacklist' | 'parameters'>;

export function normalizeName(text: string): string {
  const base = text.slice(text.lastIndexOf('/') + 1);
  return base.replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_');
}

function linesOf(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Reads the modules.* files below /lib/modules/<release> and modprobe.d. `install` lines are never looked at. */
export function readModuleDatabase(directory: string, configuration = '/etc/modprobe.d'): ModuleDatabase {
  const database: ModuleDatabase = {
    files: new Map(),
    dependencies: new Map(),
    aliases: [],
    aliasesByBus: new Map(),
    softdeps: new Map(),
    builtin: new Set(linesOf(join(directory, 'modules.builtin')).map(normalizeName)),
    blacklist: new Set(),
    parameters: new Map(),
  };
  for (const line of linesOf(join(directory, 'modules.dep'))) {
    const [file = '', needs = ''] = line.split(':');
    const name = normalizeName(file);
    database.files.set(name, join(directory, file));
    // modules.dep lists the nearest dependency first; they are loaded from the far end.
    database.dependencies.set(name, needs.trim().split(/\s+/).filter(Boolean).map(normalizeName).reverse());
  }
  for (const line of linesOf(join(directory, 'modules.alias'))) {
    const [, pattern = '', name = ''] = line.split(' ');
    const alias = { pattern, prefix: pattern.split(/[*?[]/, 1)[0] ?? '', name: normalizeName(name) };
    database.aliases.push(alias);
    const bus = busOf(pattern);
    const known = database.aliasesByBus.get(bus);
    if (known) known.push(alias);
    else database.aliasesByBus.set(bus, [alias]);
  }
  for (const line of linesOf(join(directory, 'modules.softdep'))) readSoftdep(line, database);
  for (const file of existsSync(configuration) ? readdirSync(configuration).sort() : [])
    if (file.endsWith('.conf')) for (const line of linesOf(join(configuration, file))) readConfigured(line, database);
  return database;
}

function busOf(modalias: string): string {
  return modalias.split(':', 1)[0] ?? '';
}

/** One line of modprobe.d: what changes which modules are loaded and how, but nothing that would be executed. */
function readConfigured(line: string, configuration: Configuration): void {
  const [word, name = '', ...rest] = line.trim().split(/\s+/);
  if (word === 'blacklist') configuration.blacklist.add(normalizeName(name));
  if (word === 'softdep') readSoftdep(line, configuration);
  if (word === 'options') addParameters(configuration.parameters, normalizeName(name), rest.join(' '));
}

/** Puts more parameters behind those that a module has already; the last one of a name wins in the kernel. */
export function addParameters(parameters: Map<string, string>, name: string, more: string): void {
  parameters.set(name, [parameters.get(name), more].filter(Boolean).join(' '));
}

function readSoftdep(line: string, database: Configuration): void {
  const [, name = '', ...words] = line.trim().split(/\s+/);
  const soft = { pre: [] as string[], post: [] as string[] };
  let list = soft.pre;
  for (const word of words) {
    if (word === 'pre:') list = soft.pre;
    else if (word === 'post:') list = soft.post;
    else list.push(normalizeName(word));
  }
  database.softdeps.set(normalizeName(name), soft);
}

/** A shell wildcard of modules.alias as a regular expression. */
function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

/** Names of the modules for a device's modalias, blacklisted ones left out. */
export function findModules(database: ModuleDatabase, modalias: string): string[] {
  const found = new Set<string>();
  for (const alias of database.aliasesByBus.get(busOf(modalias)) ?? []) {
    if (!modalias.startsWith(alias.prefix) || database.blacklist.has(alias.name)) continue;
    if (!found.has(alias.name) && toRegExp(alias.pattern).test(modalias)) found.add(alias.name);
  }
  return [...found];
}

/** The modules behind a soft dependency: itself, or those that have it as an alias (ext4 wants 'crc32c'). */
function behindSoft(database: ModuleDatabase, name: string): string[] {
  if (database.files.has(name)) return [name];
  const aliases = [name, name.replaceAll('_', '-')].flatMap((bus) => database.aliasesByBus.get(bus) ?? []);
  return [...new Set(aliases.map((alias) => alias.name))].filter((module) => database.files.has(module));
}

/** The order in which to load a module: dependencies and soft `pre` first, `post` last; built-in ones left out. */
export function loadOrder(database: ModuleDatabase, name: string): string[] {
  const order: string[] = [];
  const visiting = new Set<string>();
  const visit = (module: string): void => {
    if (visiting.has(module) || database.builtin.has(module)) return;
    visiting.add(module);
    const soft = database.softdeps.get(module);
    for (const before of soft?.pre.flatMap((one) => behindSoft(database, one)) ?? []) visit(before);
    for (const before of database.dependencies.get(module) ?? []) visit(before);
    order.push(module);
    for (const after of soft?.post.flatMap((one) => behindSoft(database, one)) ?? []) visit(after);
  };
  visit(normalizeName(name));
  return order;
}
