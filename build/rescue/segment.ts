import { createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isThere } from '../../common/files/is-there.ts';
import { hashFile } from '../../common/hash-file.ts';
import { run } from '../../common/run.ts';
import { throughTool } from '../../restore/archive/through-tool.ts';
import { type DeviceNode, packCpio } from './cpio.ts';

/** What the kernel can unpack: its CONFIG_RD_ZSTD decides. */
export type Compression = 'zstd' | 'gzip';

const cacheDirectory = '/var/cache/rekindle';
/** Most of the initrd is the executable. Level 19 saves 4 of its 35 MB and takes twenty times as long. */
export const segmentLevel = 9;

const compressors: Record<Compression, (level: number) => readonly [string, ...string[]]> = {
  // From a pipe, zstd writes one frame whatever -T is: the kernel panics on a segment of several frames.
  zstd: (level) => ['zstd', `-${level}`, '-T0', '-q', '-c'],
  gzip: () => ['gzip', '-9', '-n', '-c'],
};

/** Packs a tree as one cpio archive in exactly one compressed frame. Gives its size in bytes. */
export async function packSegment(options: {
  tree: string;
  output: string;
  compression: Compression;
  level?: number;
  devices?: readonly DeviceNode[];
  signal?: AbortSignal;
}): Promise<number> {
  const argv = compressors[options.compression](options.level ?? segmentLevel);
  await throughTool(argv, options, async ({ input, output }) => {
    await Promise.all([
      pipeline(Readable.from(packCpio(options.tree, options.devices), { objectMode: true }), input),
      pipeline(output, createWriteStream(options.output, { mode: 0o600 })),
    ]);
  });
  return (await stat(options.output)).size;
}

/** The executable as /init of a segment of its own. */
export async function makeExecutableSegment(
  executable: string,
  output: string,
  compression: Compression = 'zstd',
  level = segmentLevel,
  signal?: AbortSignal,
): Promise<void> {
  const tree = await mkdtemp(join(dirname(output), 'init-'));
  try {
    await copyFile(executable, join(tree, 'init'));
    await chmod(join(tree, 'init'), 0o755);
    const devices = [
      { name: 'dev/console', mode: 0o600, major: 5, minor: 1 },
      { name: 'dev/null', mode: 0o666, major: 1, minor: 3 },
    ];
    await mkdir(join(tree, 'dev'));
    await packSegment({ tree, output, compression, level, devices, ...(signal ? { signal } : {}) });
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

/** For `npm run build`: the segment beside the executable, `<executable>.initrd`, and whose it is. */
export async function writePrebuiltSegment(executable: string, level = segmentLevel): Promise<void> {
  await makeExecutableSegment(executable, `${executable}.initrd`, 'zstd', level);
  await writeFile(`${executable}.initrd.sha256`, `${(await hashFile(executable)).sha256}\n`);
}

/**
 * A file with the executable's segment, which takes seconds to compress and never changes: made by `npm run build`
 * beside the executable, or kept in /var/cache/rekindle, or made now into `work`. Only the executable's own digest decides.
 */
export async function executableSegment(
  executable: string,
  work: string,
  compression: Compression,
  signal?: AbortSignal,
): Promise<string> {
  const digest = (await hashFile(executable)).sha256;
  const beside = `${executable}.initrd`;
  const besideDigest = await readFile(`${beside}.sha256`, 'utf8').catch(() => '');
  if (compression === 'zstd' && besideDigest.trim() === digest && (await isThere(beside))) return beside;
  const cached = join(cacheDirectory, `init-${digest}.cpio.${compression}`);
  if (await isWhole(cached, compression)) return cached;
  const made = join(work, 'init.cpio');
  await makeExecutableSegment(executable, made, compression, segmentLevel, signal);
  await keep(made, cached);
  return made;
}

/** Whether a cached segment is there and as it was written: its own checksum says so. */
async function isWhole(file: string, compression: Compression): Promise<boolean> {
  if (!(await isThere(file))) return false;
  const { exitCode } = await run([compression, '-t', '-q', file], { okExit: [0, 1] });
  return exitCode === 0;
}

/** Replaces what earlier versions left in the cache. A full or read-only /var costs time at the next run, nothing else. */
async function keep(made: string, cached: string): Promise<void> {
  try {
    await mkdir(cacheDirectory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(cacheDirectory))
      if (name.startsWith('init-')) await rm(join(cacheDirectory, name));
    await copyFile(made, `${cached}.part`);
    await rename(`${cached}.part`, cached);
  } catch {
    await rm(`${cached}.part`, { force: true });
  }
}
