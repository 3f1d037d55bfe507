import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { RekindleError } from '../../common/errors/error.ts';
import { cleanEnvironment, run } from '../../common/run.ts';
import { installModules, type ModuleSource } from './modules.ts';
import { initrdTools } from './tools.ts';
import { isThere, listLibraries, RescueTree } from './tree.ts';

const cacheDirectory = '/var/cache/rekindle';
/** The executable's segment takes most of the initrd: little is gained above this level, and much time lost. */
const executableLevel = 9;
const segmentLevel = 9;

export interface InitrdParts {
  executable: number;
  tools: number;
}

/**
 * Packs a tree as cpio (newc) in exactly one zstd frame: the kernel panics on a segment of several frames,
 * which is what zstd writes for several inputs or with its seekable options, not with -T.
 */
export async function packSegment(tree: string, output: string, level: number): Promise<number> {
  const names = await run(['find', '.', '-mindepth', '1', '-print0'], { cwd: tree });
  const sorted = names.stdout
    .split('\0')
    .filter((name) => name !== '')
    .sort()
    .join('\0');
  const cpio = execa('cpio', ['--create', '--format=newc', '--null', '--quiet', '--owner=0:0', '--reproducible'], {
    cwd: tree,
    input: sorted,
    encoding: 'buffer',
    buffer: { stdout: false },
    extendEnv: false,
    env: cleanEnvironment,
    reject: false,
  });
  const zstd = cpio.pipe('zstd', [`-${level}`, '-T0', '-q', '-f', '-c', '-o', output], {
    reject: false,
    extendEnv: false,
    env: cleanEnvironment,
  });
  const [first, second] = await Promise.all([cpio, zstd]);
  if (first.exitCode !== 0) throw new RekindleError('RK003', `cpio for ${output}: ${first.stderr}`);
  if (second.exitCode !== 0) throw new RekindleError('RK003', `zstd for ${output}: ${second.stderr}`);
  return (await stat(output)).size;
}

/** Tools, libraries and modules of stage 1, without the executable itself. */
async function makeToolsTree(
  directory: string,
  executable: string,
  source: ModuleSource,
  modules: readonly string[],
): Promise<void> {
  const tree = new RescueTree(directory);
  await tree.create();
  for (const name of initrdTools) await tree.addTool(name);
  await addNodeLibraries(tree, executable);
  await installModules(source, modules, directory);
  await tree.prove();
}

/** What Node needs. A library carried beside the executable goes where RUNPATH ($ORIGIN/../lib/rekindle) finds it. */
export async function addNodeLibraries(tree: RescueTree, executable: string): Promise<void> {
  for (const library of await listLibraries(executable)) {
    if (!library.includes('/lib/rekindle/')) {
      await tree.add(library);
      continue;
    }
    const name = library.slice(library.lastIndexOf('/') + 1);
    await mkdir(join(tree.directory, 'usr/lib/rekindle'), { recursive: true });
    await copyFile(library, join(tree.directory, 'usr/lib/rekindle', name));
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/**
 * The segment with the executable, which takes seconds to compress and never changes: made by `npm run build` beside the
 * executable, or kept in /var/cache/rekindle, each under the executable's digest.
 */
async function executableSegment(executable: string, work: string): Promise<string> {
  const digest = await digestOf(executable);
  const beside = `${executable}.initrd`;
  const besideDigest = await readFile(`${beside}.sha256`, 'utf8').catch(() => '');
  if (besideDigest.trim() === digest && (await isThere(beside))) return beside;
  const cached = join(cacheDirectory, `init-${digest}.cpio.zst`);
  if (await isThere(cached)) return cached;
  const made = join(work, 'init.cpio.zst');
  await makeExecutableSegment(executable, work, made, executableLevel);
  try {
    await mkdir(cacheDirectory, { recursive: true, mode: 0o700 });
    await copyFile(made, `${cached}.part`);
    await rename(`${cached}.part`, cached);
  } catch {
    await rm(`${cached}.part`, { force: true }); // a full or read-only /var costs time at the next run, nothing else
  }
  return made;
}

export async function makeExecutableSegment(
  executable: string,
  work: string,
  output: string,
  level: number,
): Promise<void> {
  const tree = await mkdtemp(join(work, 'init-'));
  await copyFile(executable, join(tree, 'init'));
  await chmod(join(tree, 'init'), 0o755);
  await packSegment(tree, output, level);
  await rm(tree, { recursive: true });
}

export async function writeDigest(executable: string): Promise<void> {
  await writeFile(`${executable}.initrd.sha256`, `${await digestOf(executable)}\n`);
}

/** Writes the initrd: the executable's segment and the tools' segment, one after the other. Gives their sizes in bytes. */
export async function makeInitrd(options: {
  executable: string;
  source: ModuleSource;
  modules: readonly string[];
  work: string;
  output: string;
}): Promise<InitrdParts> {
  const tree = await mkdtemp(join(options.work, 'initrd-'));
  const tools = join(options.work, 'tools.cpio.zst');
  await makeToolsTree(tree, options.executable, options.source, options.modules);
  const toolsSize = await packSegment(tree, tools, segmentLevel);
  await rm(tree, { recursive: true });
  const executable = await executableSegment(options.executable, options.work);
  const sizes: InitrdParts = { executable: (await stat(executable)).size, tools: toolsSize };
  // A segment must start on a multiple of 4 bytes.
  for (const [index, segment] of [executable, tools].entries()) {
    await pipeline(createReadStream(segment), createWriteStream(options.output, { flags: index === 0 ? 'w' : 'a' }));
    const { size } = await stat(options.output);
    if (size % 4 !== 0) await writeFile(options.output, Buffer.alloc(4 - (size % 4)), { flag: 'a' });
  }
  await rm(tools);
  await rm(join(options.work, 'init.cpio.zst'), { force: true });
  return sizes;
}
