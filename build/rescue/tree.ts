import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isThere } from '../../common/files/is-there.ts';
import { findProgram } from '../../common/find-program.ts';
import { LibraryFinder } from './libraries.ts';

const merged = ['bin', 'sbin', 'lib', 'lib64'];

/** A root file system being put together: files are copied from this machine to the same (usr-merged) place. */
export class RescueTree {
  readonly directory: string;
  readonly #finder: LibraryFinder;
  readonly #copied = new Set<string>();
  /** Dynamically linked programs, as paths of the tree. */
  readonly programs: string[] = [];

  private constructor(directory: string, finder: LibraryFinder) {
    this.directory = directory;
    this.#finder = finder;
  }

  /** Starts with the directories that every root has, /bin and /lib being links into /usr. */
  static async create(directory: string): Promise<RescueTree> {
    for (const name of merged) {
      await mkdir(join(directory, 'usr', name), { recursive: true });
      await symlink(`usr/${name}`, join(directory, name));
    }
    for (const name of ['dev', 'proc', 'sys', 'run', 'mnt', 'etc', 'root', 'var/log', 'tmp'])
      await mkdir(join(directory, name), { recursive: true });
    await symlink('../run', join(directory, 'var/run'));
    await chmod(join(directory, 'tmp'), 0o1777);
    await chmod(join(directory, 'root'), 0o700);
    return new RescueTree(directory, await LibraryFinder.create());
  }

  /** Where a path of this machine lies in the tree: '/lib/x' is '/usr/lib/x'. */
  place(path: string): string {
    const first = path.split('/')[1] ?? '';
    return join(this.directory, merged.includes(first) ? `usr${path}` : path);
  }

  /**
   * Copies a file, or a link with its target. Programs bring their libraries, scripts their interpreter.
   * @throws RekindleError RK204 when a library is missing on this machine.
   */
  async add(path: string): Promise<void> {
    if (this.#copied.has(path)) return;
    this.#copied.add(path);
    const real = await realpath(path);
    const [place, realPlace] = [this.place(path), this.place(real)];
    await mkdir(dirname(place), { recursive: true });
    if (place !== realPlace) {
      await this.add(real);
      await rm(place, { force: true });
      await symlink(relative(dirname(place), realPlace), place);
      return;
    }
    if (this.#copied.has(real) && real !== path) return;
    this.#copied.add(real);
    await copyFile(real, place);
    const { mode } = await lstat(real);
    // No set-user-id on the medium: root is the only user there.
    await chmod(place, mode & 0o755);
    await this.#addNeeds(real, place, (mode & 0o111) !== 0);
  }

  async #addNeeds(real: string, place: string, executable: boolean): Promise<void> {
    const elf = await this.#finder.read(real);
    if (elf) {
      if (executable && elf.interpreter) this.programs.push(place.slice(this.directory.length));
      for (const library of await this.#finder.direct(real, elf)) await this.add(library);
      return;
    }
    const interpreter = await interpreterOf(real);
    if (interpreter && (await isThere(interpreter))) await this.add(interpreter);
  }

  /** Copies a library to another place than it has here. */
  async addAs(file: string, path: string): Promise<void> {
    const place = this.place(path);
    await mkdir(dirname(place), { recursive: true });
    await copyFile(file, place);
    await chmod(place, 0o644);
  }

  /** The libraries of a program that is not copied itself. */
  async listLibraries(program: string): Promise<string[]> {
    return this.#finder.closure(program);
  }

  /** Copies a whole directory; `keep` filters by path. Nothing when there is no such directory. */
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

  /** A link to /dev/null (a masked rule) stays what it is; one into nowhere too. */
  async #addLink(path: string): Promise<void> {
    const target = await realpath(path).catch(() => null);
    if (target !== null && (await lstat(target)).isFile()) return this.add(path);
    const place = this.place(path);
    await mkdir(dirname(place), { recursive: true });
    await rm(place, { force: true });
    await symlink(await readlink(path), place);
  }

  /** Adds a tool found on the PATH. Gives false when this machine does not have it. */
  async addTool(name: string): Promise<boolean> {
    const path = await findProgram(name);
    if (path === null) return false;
    await this.add(path);
    return true;
  }

  async write(path: string, content: string, mode = 0o644): Promise<void> {
    const place = this.place(path);
    await mkdir(dirname(place), { recursive: true });
    await rm(place, { force: true });
    await writeFile(place, content, { mode });
    await chmod(place, mode);
  }
}

async function interpreterOf(path: string): Promise<string | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(128), 0, 128, 0);
    return /^#!\s*(\/\S+)/.exec(buffer.toString('latin1', 0, bytesRead))?.[1] ?? null;
  } finally {
    await file.close();
  }
}
