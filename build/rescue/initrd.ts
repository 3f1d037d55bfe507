import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { installModules, type ModuleSource } from './modules.ts';
import { makeLibraryCache, proveTree } from './prove.ts';
import { type Compression, executableSegment, packSegment, segmentLevel } from './segment.ts';
import { initrdTools } from './tools.ts';
import { RescueTree } from './tree.ts';

/** Bytes in the initrd. */
export interface InitrdParts {
  executable: number;
  /** Libraries and the tools of init's shell. */
  tools: number;
  modules: number;
}

export interface InitrdOptions {
  executable: string;
  source: ModuleSource;
  modules: readonly string[];
  compression: Compression;
  work: string;
  /** Trusted keys: contents by path. */
  keyFiles?: ReadonlyMap<string, string>;
  output: string;
  signal?: AbortSignal;
}

/**
 * What Node needs. A library carried beside the executable ($ORIGIN/../lib/rekindle) goes among the C library's:
 * without /proc the loader does not know $ORIGIN, and /init starts with nothing mounted.
 */
export async function addNodeLibraries(tree: RescueTree, executable: string): Promise<void> {
  const libraries = await tree.listLibraries(executable);
  const folder = dirname(libraries.find((path) => basename(path) === 'libc.so.6') ?? '/usr/lib/libc.so.6');
  for (const library of libraries) {
    if (library.includes('/lib/rekindle/')) await tree.addAs(library, join(folder, basename(library)));
    else await tree.add(library);
  }
}

/** Starts the executable as PID 1 will meet it: in the tree, with nothing mounted. @throws RekindleError RK204 */
async function proveExecutable(tree: RescueTree, executable: string): Promise<void> {
  const copy = join(tree.directory, 'init');
  await copyFile(executable, copy);
  await chmod(copy, 0o755);
  const { exitCode, stderr } = await run(['chroot', tree.directory, '/init', '--version'], { okExit: [0, 1, 127] });
  if (exitCode !== 0) throw new RekindleError('RK204', `${executable} does not start in the initrd: ${stderr.trim()}`);
  await rm(copy);
}

async function packTools(options: InitrdOptions, output: string): Promise<number> {
  const directory = await mkdtemp(join(options.work, 'initrd-'));
  const tree = await RescueTree.create(directory);
  const missing: string[] = [];
  for (const name of initrdTools) if (!(await tree.addTool(name))) missing.push(name);
  if (missing.length > 0) throw new RekindleError('RK004', `The initrd needs: ${missing.join(', ')}`);
  await addNodeLibraries(tree, options.executable);
  for (const [path, text] of options.keyFiles ?? []) await tree.write(path, text, 0o644);
  await makeLibraryCache(tree);
  await proveTree(tree);
  await proveExecutable(tree, options.executable);
  const size = await pack(options, directory, output);
  await rm(directory, { recursive: true });
  return size;
}

async function packModules(options: InitrdOptions, output: string): Promise<number> {
  const directory = await mkdtemp(join(options.work, 'modules-'));
  await mkdir(join(directory, 'usr/lib'), { recursive: true });
  await symlink('usr/lib', join(directory, 'lib')); // depmod looks there
  await installModules(options.source, options.modules, directory);
  await rm(join(directory, 'lib')); // the tools' segment brings it
  const size = await pack(options, directory, output);
  await rm(directory, { recursive: true });
  return size;
}

function pack(options: InitrdOptions, tree: string, output: string): Promise<number> {
  const { compression, signal } = options;
  return packSegment({ tree, output, compression, level: segmentLevel, ...(signal ? { signal } : {}) });
}

/** Writes the initrd: a segment each for the tools, the modules and the executable. Gives their sizes in bytes. */
export async function makeInitrd(options: InitrdOptions): Promise<InitrdParts> {
  const tools = join(options.work, 'tools.cpio');
  const modules = join(options.work, 'modules.cpio');
  const parts = { tools: await packTools(options, tools), modules: await packModules(options, modules) };
  const executable = await executableSegment(options.executable, options.work, options.compression, options.signal);
  for (const [index, segment] of [tools, modules, executable].entries()) {
    await pipeline(createReadStream(segment), createWriteStream(options.output, { flags: index === 0 ? 'w' : 'a' }));
    // A segment must start on a multiple of 4 bytes.
    const { size } = await stat(options.output);
    if (size % 4 !== 0) await writeFile(options.output, Buffer.alloc(4 - (size % 4)), { flag: 'a' });
  }
  const size = (await stat(executable)).size;
  await rm(tools);
  await rm(modules);
  await rm(join(options.work, 'init.cpio'), { force: true });
  return { ...parts, executable: size };
}
