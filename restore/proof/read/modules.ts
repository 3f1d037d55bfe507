import { posix } from 'node:path';
import type { Root } from './root.ts';

/** 'dm-crypt.ko.xz' and 'dm_crypt': 'dm_crypt'. */
export function moduleName(text: string): string {
  return posix
    .basename(text)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}

/** What depmod wrote about a kernel's modules, by name. */
export interface KernelModules {
  directory: string;
  builtin: Set<string>;
  /** name -> the modules that it needs. */
  needs: Map<string, string[]>;
}

/** The modules of one kernel version; null when it has no directory. */
export function readModules(root: Root, version: string): KernelModules | null {
  const directory = [`/lib/modules/${version}`, `/usr/lib/modules/${version}`].find((path) => root.isDirectory(path));
  if (directory === undefined) return null;
  const lines = (name: string): string[] => (root.text(posix.join(directory, name)) ?? '').split('\n').filter(Boolean);
  const needs = new Map<string, string[]>();
  for (const line of lines('modules.dep')) {
    const [file = '', others = ''] = line.split(':');
    needs.set(moduleName(file), others.trim().split(/\s+/).filter(Boolean).map(moduleName));
  }
  return { directory, builtin: new Set(lines('modules.builtin').map(moduleName)), needs };
}

/** All that must be loaded for these modules; a name that the kernel has built in needs nothing. */
export function withDependencies(modules: KernelModules, names: readonly string[]): string[] {
  const all = new Set<string>();
  for (const name of names) {
    if (modules.builtin.has(name)) continue;
    for (const each of [name, ...(modules.needs.get(name) ?? [])]) if (!modules.builtin.has(each)) all.add(each);
  }
  return [...all];
}
