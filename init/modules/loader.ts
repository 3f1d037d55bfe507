import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ErrnoError, finitModule } from '@rekindle/linux-syscalls';
import { note } from '../say.ts';
import { findModules, loadOrder, type ModuleDatabase, normalizeName } from './database.ts';

export type LoadResult = { outcome: 'loaded' | 'present' } | { outcome: 'failed'; reason: string };

/** Loads modules once each and remembers what failed; nothing here throws. */
export class ModuleLoader {
  readonly #database: ModuleDatabase;
  readonly #done = new Map<string, LoadResult>();
  readonly #seen = new Set<string>();

  constructor(database: ModuleDatabase) {
    this.#database = database;
  }

  /** Loads a module and what it needs. */
  load(name: string): LoadResult {
    const wanted = normalizeName(name);
    if (this.#database.builtin.has(wanted)) return { outcome: 'present' };
    let result: LoadResult = { outcome: 'failed', reason: `${name} is not among this kernel's modules` };
    for (const module of loadOrder(this.#database, wanted)) {
      const one = this.#loadOne(module);
      if (module === wanted || one.outcome === 'failed') result = one;
      if (one.outcome === 'failed' && module !== wanted) note(`module ${module} (for ${wanted}): ${one.reason}`);
    }
    return this.#done.get(wanted) ?? result;
  }

  #loadOne(name: string): LoadResult {
    const known = this.#done.get(name);
    if (known) return known;
    const result = this.#insert(name);
    this.#done.set(name, result);
    note(result.outcome === 'failed' ? `module ${name}: ${result.reason}` : `module ${name}: ${result.outcome}`);
    return result;
  }

  #insert(name: string): LoadResult {
    const file = this.#database.files.get(name);
    if (!file) return { outcome: 'failed', reason: `${name} is not among this kernel's modules` };
    try {
      finitModule(file);
      return { outcome: 'loaded' };
    } catch (error) {
      if (error instanceof ErrnoError && error.code === 'EEXIST') return { outcome: 'present' };
      return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Loads the drivers of every device that sysfs shows and that was not looked at before. Gives how many modules were loaded. */
  coldplug(): number {
    let loaded = 0;
    for (const modalias of readModaliases()) {
      if (this.#seen.has(modalias)) continue;
      this.#seen.add(modalias);
      for (const name of findModules(this.#database, modalias)) if (this.load(name).outcome === 'loaded') loaded += 1;
    }
    return loaded;
  }
}

/** The modalias of every device: the buses' device lists are short, the tree below /sys/devices is not. */
function readModaliases(): Set<string> {
  const found = new Set<string>();
  for (const bus of listOr('/sys/bus')) {
    const devices = join('/sys/bus', bus, 'devices');
    for (const device of listOr(devices)) {
      try {
        found.add(readFileSync(join(devices, device, 'modalias'), 'utf8').trim());
      } catch {}
    }
  }
  return found;
}

function listOr(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
