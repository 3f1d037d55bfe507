import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { version } from '../common/version.ts';
import { type Archive, type SetFile, setFileNames } from '../restore/archive/set-schema.ts';
import { describeFile, writeLayout, writeManifest, writeSetInfo } from '../restore/archive/write-set.ts';
import { takeInventory } from '../restore/layout/inventory.ts';
import type { Layout } from '../restore/layout/schema.ts';
import { archiveFileSystems } from './backup.ts';
import { assertWritable, type Destination } from './destination.ts';
import { describeFailure } from './failure.ts';
import { makeImage } from './iso/image.ts';
import { readBack } from './iso/read-back.ts';
import type { Progress } from './progress.ts';
import { addRescueSystem, type KernelChoice } from './rescue/main.ts';
import { assertSpace, savedBytes } from './space.ts';
import { makeWorkDirectory, removeWorkDirectory } from './work.ts';

export interface CreateOptions {
  destination: Destination;
  /** Null on a rescue-only medium. */
  layout: Layout | null;
  executable: string;
  kernelArguments: readonly string[];
  answerFile?: string;
  workDirectory?: string;
  /** Another kernel than the running one. */
  kernel?: KernelChoice;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

export interface CreateResult {
  file: string;
  set: string;
  size: number;
  /** Bytes by part, for the summary. */
  parts: Record<string, number>;
  /** What rd-base is made of, before compression. */
  unpacked: Record<string, number>;
  warnings: string[];
  notes: string[];
}

/** Where the medium is being put together. */
interface Site {
  set: string;
  work: string;
  /** Becomes the root of the image. */
  tree: string;
  setDirectory: string;
}

/**
 * Makes the medium. Everything is put together in a folder beside the result (or in `workDirectory`), which goes away
 * whatever happens; the result has its final name only when it is complete and was read back.
 * @throws RekindleError RK2xx; nothing is left behind.
 */
export async function createMedium(options: CreateOptions): Promise<CreateResult> {
  const { destination, layout } = options;
  await assertWritable(destination);
  const parent = options.workDirectory ?? destination.directory;
  const work = await makeWorkDirectory(parent);
  try {
    await assertSpace(parent, destination.directory, savedBytes(layout));
    return await assemble(options, work);
  } catch (error) {
    await rm(destination.part, { force: true });
    throw await describeFailure(error, options.signal);
  } finally {
    await removeWorkDirectory(work);
  }
}

async function assemble(options: CreateOptions, work: string): Promise<CreateResult> {
  const { destination, signal, onProgress } = options;
  const set = randomUUID();
  const tree = join(work, 'tree');
  const site: Site = { set, work, tree, setDirectory: join(tree, 'rekindle', set) };
  await mkdir(site.setDirectory, { recursive: true });
  const rescue = await addRescueSystem({ ...options, ...site });
  const rdBase = await describeFile(site.setDirectory, setFileNames.rdBase);
  const answer = await addAnswer(options, site);
  const backup = options.layout && (await addBackup(options, options.layout, site, [rdBase, ...answer]));
  const { machine } = await takeInventory();
  await writeSetInfo(site.setDirectory, {
    format: 1,
    set,
    volume: 1,
    last: true,
    createdAt: new Date().toISOString(),
    rekindleVersion: version,
    machine,
    rdBase,
    ...(backup ? { manifest: backup.manifest } : {}),
  });
  const archives = backup?.archives ?? [];
  const expected = await listExpected(site, [rdBase, ...answer, ...(backup?.files ?? [])]);
  const total = Object.values(rescue.parts).reduce((sum, bytes) => sum + bytes, 0) + archiveBytes(archives);
  onProgress({ phase: 'write image', bytesDone: 0, bytesTotal: total });
  const image = await makeImage({
    ...site,
    output: destination.part,
    hostname: machine.hostname,
    kernelArguments: options.kernelArguments,
    consume: archives.map(({ file }) => join(site.setDirectory, file.path)),
    signal,
    onBytes: (bytesDone) => onProgress({ phase: 'write image', bytesDone, bytesTotal: Math.max(total, bytesDone) }),
  });
  await readBack(destination.part, expected, {
    signal,
    onBytes: (bytesDone, bytesTotal) => onProgress({ phase: 'read back', bytesDone, bytesTotal }),
  });
  await finish(destination);
  return {
    file: destination.file,
    set,
    size: image.size,
    parts: { ...rescue.parts, ...(backup ? { archives: archiveBytes(archives) } : {}) },
    unpacked: rescue.unpacked,
    warnings: image.warnings,
    notes: archives.flatMap(({ mountPoint, notes }) => notes.map((note) => `${mountPoint}: ${note}`)),
  };
}

function archiveBytes(archives: readonly Archive[]): number {
  return archives.reduce((sum, { file }) => sum + file.size, 0);
}

/** The final name, on the disk before we say that we are done. */
async function finish({ part, file, directory }: Destination): Promise<void> {
  await rename(part, file);
  const handle = await open(directory, 'r');
  await handle.sync();
  await handle.close();
}

async function addAnswer({ answerFile }: CreateOptions, { setDirectory }: Site): Promise<SetFile[]> {
  if (answerFile === undefined) return [];
  await copyFile(answerFile, join(setDirectory, setFileNames.answer));
  return [await describeFile(setDirectory, setFileNames.answer)];
}

interface Backup {
  manifest: SetFile;
  archives: Archive[];
  files: SetFile[];
}

async function addBackup(
  options: CreateOptions,
  layout: Layout,
  { set, work, setDirectory }: Site,
  others: readonly SetFile[],
): Promise<Backup> {
  const layoutFiles = await writeLayout(setDirectory, layout);
  const archives = await archiveFileSystems({
    layout,
    setDirectory,
    exclude: [work, options.destination.part, options.destination.file],
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const manifest = await writeManifest(setDirectory, { set, files: [...others, ...layoutFiles], archives });
  const archiveFiles = archives.flatMap(({ file, flags }) => (flags ? [file, flags] : [file]));
  return { manifest, archives, files: [...layoutFiles, ...archiveFiles, manifest] };
}

/** What must be found in the image: kernel, initrd and the set, by paths of the image. */
async function listExpected({ set, tree }: Site, files: readonly SetFile[]): Promise<SetFile[]> {
  const inSet = files.map((file) => ({ ...file, path: `/rekindle/${set}/${file.path}` }));
  const boot = await Promise.all(['boot/vmlinuz', 'boot/initrd.img'].map((path) => describeFile(tree, path)));
  const info = await describeFile(tree, `rekindle/${set}/${setFileNames.set}`);
  return [...[...boot, info].map((file) => ({ ...file, path: `/${file.path}` })), ...inSet];
}
