import { dirname, join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { isThere } from '../../common/files/is-there.ts';
import { run } from '../../common/run.ts';
import { type ElfFile, readElf } from './elf.ts';

const defaultFolders = [
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib64',
  '/usr/lib64',
  '/lib',
  '/usr/lib',
];

/** ld.so's cache as `ldconfig -p` prints it: library name -> file; variants for special processors are left out. */
export function parseLdconfig(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s+(\S+) \((libc6,x86-64)\) => (\S+)$/.exec(line);
    if (match?.[1] && match[3] && !found.has(match[1])) found.set(match[1], match[3]);
  }
  return found;
}

/** Finds libraries as ld.so(8) does: the file's own run path, the cache, the default folders. */
export class LibraryFinder {
  readonly #cache: Map<string, string>;
  readonly #known = new Map<string, ElfFile | null>();

  constructor(cache: Map<string, string>) {
    this.#cache = cache;
  }

  static async create(): Promise<LibraryFinder> {
    for (const ldconfig of ['/sbin/ldconfig', '/usr/sbin/ldconfig', '/usr/bin/ldconfig'])
      if (await isThere(ldconfig)) return new LibraryFinder(parseLdconfig((await run([ldconfig, '-p'])).stdout));
    return new LibraryFinder(new Map());
  }

  async read(file: string): Promise<ElfFile | null> {
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const elf = await readElf(file);
    this.#known.set(file, elf);
    return elf;
  }

  /** What one ELF file names itself: loader and libraries, as absolute paths. @throws RekindleError RK204 */
  async direct(file: string, elf: ElfFile): Promise<string[]> {
    const found: string[] = elf.interpreter ? [elf.interpreter] : [];
    for (const name of elf.needed) {
      const path = await this.#find(name, file, elf);
      if (path === null) throw new RekindleError('RK204', `${file} needs ${name}`);
      found.push(path);
    }
    for (const name of elf.loadedLater) {
      const path = await this.#find(name, file, elf);
      if (path !== null) found.push(path);
    }
    return found;
  }

  /** The whole closure, without the file itself. @throws RekindleError RK204 */
  async closure(file: string): Promise<string[]> {
    const found = new Set<string>();
    const visit = async (path: string): Promise<void> => {
      const elf = await this.read(path);
      if (!elf) return;
      for (const library of await this.direct(path, elf)) {
        if (found.has(library)) continue;
        found.add(library);
        await visit(library);
      }
    };
    await visit(file);
    return [...found];
  }

  async #find(name: string, file: string, elf: ElfFile): Promise<string | null> {
    if (name.startsWith('/')) return (await isThere(name)) ? name : null;
    const own = elf.runPath.map((part) => part.replace(/\$ORIGIN|\$\{ORIGIN\}/, dirname(file)));
    for (const folder of own) if (await isThere(join(folder, name))) return join(folder, name);
    const cached = this.#cache.get(name);
    if (cached && (await isThere(cached))) return cached;
    for (const folder of defaultFolders) if (await isThere(join(folder, name))) return join(folder, name);
    return null;
  }
}
