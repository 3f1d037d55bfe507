import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ErrnoError, finitModule } from '@rekindle/linux-syscalls';
import { note } from '../say.ts';
import { findModules, loadOrder, type ModuleDatabase, normalizeName } from './database.ts';

/** `reason` names the module: 'isofs: it is not among this kernel's modules'; `code` is finit_module's errno. */
export type LoadResult = { outcome: 'loaded' | 'present' } | { outcome: 'failed'; reason: string; code?: string };

/** Loads modules once each and remembers what failed; nothing here throws. */
export class ModuleLoader {
  readonly #database: ModuleDatabase;
  readonly #done = new Map<string, LoadResult>();
  readonly #seen = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: ModuleDatabase) {
    this.#database = database;
  }

  /** Loads a module and what it needs. A failed soft dependency does not count. */
  load(name: string): LoadResult {
    const wanted = normalizeName(name);
    if (this.#database.builtin.has(wanted)) return { outcome: 'present' };
    const known = this.#done.get(wanted);
    if (known) return known;
    const reasons: string[] = [];
    for (const module of loadOrder(this.#database, wanted)) {
      const one = this.#loadOne(module);
      if (one.outcome === 'failed') reasons.push(one.reason);
    }
    const result = this.#done.get(wanted) ?? { outcome: 'present' };
    return result.outcome === 'failed' ? { ...result, reason: reasons.join('; ') } : result;
  }

  /** What did not load, a line each; drivers whose device is not here are left out. */
  failures(): string[] {
    return [...this.#done.values()].flatMap((result) =>
      result.outcome === 'failed' && result.code !== 'ENODEV' ? [result.reason] : [],
    );
  }

  /** Goes on coldplugging once a second: a keyboard may show up while the person is being asked. */
  watch(): void {
    this.#timer ??= setInterval(() => this.coldplug(), 1000);
  }

  /** Ends `watch`. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #loadOne(name: string): LoadResult {
    const known = this.#done.get(name);
    if (known) return known;
    const result = this.#insert(name);
    this.#done.set(name, result);
    note(result.outcome === 'failed' ? `module ${result.reason}` : `module ${name}: ${result.outcome}`);
    return result;
  }

  #insert(name: string): LoadResult {
    const file = this.#database.files.get(name);
    if (!file) return { outcome: 'failed', reason: `${name}: it is not among this kernel's modules` };
    try {
      finitModule(file, this.#database.parameters.get(name));
      return { outcome: 'loaded' };
    } catch (error) {
      if (!(error instanceof ErrnoError)) return { outcome: 'failed', reason: `${name}: ${String(error)}` };
      if (error.code === 'EEXIST') return { outcome: 'present' };
      const meaning = meanings[error.code];
      return {
        outcome: 'failed',
        reason: `${name}: ${error.message}${meaning ? ` (${meaning})` : ''}`,
        code: error.code,
      };
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

  /** Coldplugs until nothing new shows up: a bus driver brings devices, which bring drivers. */
  coldplugAll(): void {
    for (let round = 0; round < 8 && this.coldplug() > 0; round += 1);
  }
}

/** finit_module's errno in words where the bare name misleads. */
const meanings: Record<string, string> = {
  ENOENT: 'it needs a module that is not loaded, or was built for another kernel',
  ENOEXEC: 'it is compressed, damaged, or was built for another kernel',
  ENODEV: 'its device is not here',
  EKEYREJECTED: 'the kernel wants signed modules: Secure Boot',
};

/** The modalias of every device: the buses list all devices that can have a driver, and are quicker to read than the tree. */
function readModaliases(): Set<string> {
  const found = new Set<string>();
  for (const bus of listOr('/sys/bus')) {
    const devices = join('/sys/bus', bus, 'devices');
    for (const device of listOr(devices)) {
      try {
        found.add(readFileSync(join(devices, device, 'modalias'), 'utf8').trim());
      } catch {
        // Not every device has one.
      }
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
