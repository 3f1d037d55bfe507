import { constants } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';

const loader = '/lib64/ld-linux-x86-64.so.2';
const merged = ['bin', 'sbin', 'lib', 'lib64'];
const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** A root file system being put together: files are copied from this machine to the same (usr-merged) place. */
export class RescueTree {
  readonly directory: string;
  readonly #copied = new Set<string>();
  readonly executables: string[] = [];

  constructor(directory: string) {
    this.directory = directory;
  }

  async create(): Promise<void> {
    for (const name of merged) {
      await mkdir(join(this.directory, 'usr', name), { recursive: true });
      await symlink(`usr/${name}`, join(this.directory, name));
    }
    for (const name of ['dev', 'proc', 'sys', 'run', 'mnt', 'etc', 'root', 'var/log'])
      await mkdir(join(this.directory, name), { recursive: true });
    await mkdir(join(this.directory, 'tmp'), { mode: 0o1777 });
    await chmod(join(this.directory, 'tmp'), 0o1777);
  }

  /** Where a path of this machine lies in the tree: '/lib/x' is '/usr/lib/x'. */
  place(path: string): string {
    const first = path.split('/')[1] ?? '';
    return join(this.directory, merged.includes(first) ? `usr${path}` : path);
  }

  /** Copies a file, a link with its target, or nothing when it is there already. Executables bring their libraries. */
  async add(path: string): Promise<void> {
    if (this.#copied.has(path)) return;
    this.#copied.add(path);
    const real = await realpath(path);
    const place = this.place(path);
    await mkdir(dirname(place), { recursive: true });
    const realPlace = this.place(real);
    if (place !== realPlace) {
      await this.add(real);
      await rm(place, { force: true });
      await symlink(relative(dirname(place), realPlace), place);
      return;
    }
    await copyFile(real, place);
    const { mode } = await lstat(real);
    await chmod(place, mode & 0o7777);
    if (await isElf(real)) await this.#addLibraries(real, (mode & 0o111) !== 0);
    else await this.#addInterpreter(real);
  }

  async #addLibraries(file: string, executable: boolean): Promise<void> {
    if (executable) this.executables.push(file);
    for (const library of await listLibraries(file)) await this.add(library);
  }

  async #addInterpreter(file: string): Promise<void> {
    const start = (await readFile(file)).subarray(0, 128).toString('latin1');
    const interpreter = /^#!\s*(\S+)/.exec(start)?.[1];
    if (interpreter?.startsWith('/') && (await isThere(interpreter))) await this.add(interpreter);
  }

  /** Copies a whole directory; `keep` filters by path. */
  async addDirectory(path: string, keep: (path: string) => boolean = () => true): Promise<void> {
    if (!(await isThere(path))) return;
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (!keep(child)) continue;
      if (entry.isDirectory()) await this.addDirectory(child, keep);
      else if (entry.isFile()) await this.add(child);
      else if (entry.isSymbolicLink()) await this.#addLink(child);
    }
  }

  async #addLink(path: string): Promise<void> {
    if (await isThere(path)) return this.add(path);
    const place = this.place(path);
    await mkdir(dirname(place), { recursive: true });
    await symlink(await readlink(path), place);
  }

  /** Adds a tool found on the PATH. Gives false when this machine does not have it. */
  async addTool(name: string): Promise<boolean> {
    for (const directory of searchPath) {
      const path = join(directory, name);
      if (!(await isThere(path))) continue;
      await this.add(path);
      return true;
    }
    return false;
  }

  async write(path: string, content: string, mode = 0o644): Promise<void> {
    const place = this.place(path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, content, { mode });
    await chmod(place, mode);
  }

  /** Proves inside the tree that every executable finds its loader and all libraries. @throws RekindleError RK204 */
  async prove(): Promise<void> {
    for (const file of this.executables) {
      const { stdout, exitCode } = await run(['chroot', this.directory, loader, '--list', file], {
        okExit: [0, 1, 127],
      });
      const missing = [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
      if (missing.length > 0) throw new RekindleError('RK204', `${file} needs ${missing.join(', ')}`);
      if (exitCode === 127) throw new RekindleError('RK204', `${file}: ${stdout}`);
    }
  }
}

export async function isThere(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function isElf(path: string): Promise<boolean> {
  const { open } = await import('node:fs/promises');
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === '\x7fELF';
  } finally {
    await file.close();
  }
}

/** The libraries of an ELF file, recursively, with the loader: what ld.so itself would load. @throws RekindleError RK204 */
export async function listLibraries(file: string): Promise<string[]> {
  const { stdout, exitCode } = await run([loader, '--list', file], { okExit: [0, 1, 127] });
  const missing = /^\s*(\S+) => not found/m.exec(stdout)?.[1];
  if (missing) throw new RekindleError('RK204', `${file} needs ${missing}`);
  if (exitCode !== 0) return []; // statically linked, or no program at all
  const found = [...stdout.matchAll(/=> (\/\S+)/g)].map((match) => match[1] ?? '');
  return [...found.filter((path) => path !== ''), loader];
}
