import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { release as runningRelease } from 'node:os';
import { join } from 'node:path';
import { RekindleError } from '../common/errors/error.ts';
import { version } from '../common/version.ts';
import { type SetFile, setFileNames } from '../restore/archive/set-schema.ts';
import { describeFile, writeLayout, writeManifest, writeSetInfo } from '../restore/archive/write-set.ts';
import { takeInventory } from '../restore/layout/inventory.ts';
import type { Layout } from '../restore/layout/schema.ts';
import { archiveFileSystems } from './backup.ts';
import { assertWritable, type Destination } from './destination.ts';
import { makeImage } from './iso/image.ts';
import type { Progress } from './progress.ts';
import { makeInitrd } from './rescue/initrd.ts';
import { findKernel, initrdCompression } from './rescue/kernel.ts';
import { findModules, selectModules } from './rescue/modules.ts';
import { makeRdBase } from './rescue/rd-base.ts';
import { assertSpace, savedBytes } from './space.ts';

export interface CreateOptions {
  destination: Destination;
  /** Null on a rescue-only medium. */
  layout: Layout | null;
  executable: string;
  kernelArguments: readonly string[];
  answerFile?: string;
  workDirectory?: string;
  /** Another kernel than the running one: its release and the root directory it lies in. */
  kernel?: { release: string; root: string };
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

export interface CreateResult {
  file: string;
  set: string;
  size: number;
  /** Bytes by part, for the summary. */
  parts: Record<string, number>;
  warnings: string[];
  notes: string[];
}

/**
 * Makes the medium. Everything is put together in a folder beside the result (or in `workDirectory`), which goes away
 * whatever happens; the result has its final name only when it is complete.
 * @throws RekindleError RK2xx; nothing is left behind.
 */
export async function createMedium(options: CreateOptions): Promise<CreateResult> {
  const { destination, layout } = options;
  await assertWritable(destination);
  await assertSpace(options.workDirectory ?? destination.directory, savedBytes(layout));
  const work = await mkdtemp(join(options.workDirectory ?? destination.directory, '.rekindle-work-'));
  try {
    return await assemble(options, work);
  } catch (error) {
    await rm(destination.part, { force: true });
    throw describeFailure(error, options);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function describeFailure(error: unknown, options: CreateOptions): unknown {
  if (options.signal.aborted)
    return new RekindleError('RK006', 'the work directory and the unfinished medium were removed');
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof RekindleError ? error.reason : error instanceof Error ? error.message : '';
  if (code === 'ENOSPC' || code === 'EDQUOT' || (code === 'RK003' && /no space left/i.test(reason)))
    return new RekindleError('RK211', reason, { cause: error });
  return error;
}

async function assemble(options: CreateOptions, work: string): Promise<CreateResult> {
  const set = randomUUID();
  const tree = join(work, 'tree');
  const setDirectory = join(tree, 'rekindle', set);
  await mkdir(setDirectory, { recursive: true });
  const parts = await addRescueSystem(options, work, tree, setDirectory);
  const inventory = await takeInventory();
  const rdBase = await describeFile(setDirectory, setFileNames.rdBase);
  const backup =
    options.layout === null ? null : await addBackup(options, options.layout, { set, work, setDirectory, rdBase });
  if (options.answerFile) await copyFile(options.answerFile, join(setDirectory, setFileNames.answer));
  await writeSetInfo(setDirectory, {
    format: 1,
    set,
    volume: 1,
    last: true,
    createdAt: new Date().toISOString(),
    rekindleVersion: version,
    machine: inventory.machine,
    rdBase,
    ...(backup ? { manifest: backup.manifest } : {}),
  });
  options.onProgress({ phase: 'image', bytesTotal: null, bytesDone: 0 });
  const image = await makeImage({
    tree,
    work,
    output: options.destination.part,
    set,
    hostname: inventory.machine.hostname,
    kernelArguments: options.kernelArguments,
    signal: options.signal,
  });
  options.signal.throwIfAborted();
  await rename(options.destination.part, options.destination.file);
  return {
    file: options.destination.file,
    set,
    size: image.size,
    parts: { ...parts, ...(backup ? { archives: backup.bytes } : {}) },
    warnings: image.warnings,
    notes: backup?.notes ?? [],
  };
}

async function addRescueSystem(
  options: CreateOptions,
  work: string,
  tree: string,
  setDirectory: string,
): Promise<Record<string, number>> {
  const begin = (phase: string): void => {
    options.signal.throwIfAborted();
    options.onProgress({ phase, bytesTotal: null, bytesDone: 0 });
  };
  begin('kernel');
  const { release, root } = options.kernel ?? { release: runningRelease(), root: '/' };
  const kernel = await findKernel(release, root);
  const source = await findModules(release, root);
  const modules = await selectModules(source);
  await mkdir(join(tree, 'boot'), { recursive: true });
  await copyFile(kernel, join(tree, 'boot/vmlinuz'));
  begin('initrd');
  const initrd = await makeInitrd({
    executable: options.executable,
    source,
    modules: modules.initrd,
    compression: await initrdCompression(release, root),
    work,
    output: join(tree, 'boot/initrd.img'),
    signal: options.signal,
  });
  begin('rescue system');
  const rdBase = await makeRdBase({
    executable: options.executable,
    source,
    modules: modules.rdBase,
    work,
    output: join(setDirectory, setFileNames.rdBase),
    signal: options.signal,
  });
  return {
    kernel: (await stat(kernel)).size,
    'initrd: rekindle': initrd.executable,
    'initrd: drivers': initrd.modules,
    'initrd: libraries and shell': initrd.tools,
    'rd-base': rdBase.size,
  };
}

async function addBackup(
  options: CreateOptions,
  layout: Layout,
  place: { set: string; work: string; setDirectory: string; rdBase: SetFile },
): Promise<{ manifest: SetFile; bytes: number; notes: string[] }> {
  const files = [place.rdBase, ...(await writeLayout(place.setDirectory, layout))];
  const exclude = [place.work, options.destination.part, options.destination.file];
  const archives = await archiveFileSystems({
    layout,
    setDirectory: place.setDirectory,
    work: place.work,
    exclude,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  if (options.answerFile) {
    await copyFile(options.answerFile, join(place.setDirectory, setFileNames.answer));
    files.push(await describeFile(place.setDirectory, setFileNames.answer));
  }
  const manifest = await writeManifest(place.setDirectory, { set: place.set, files, archives });
  return {
    manifest,
    bytes: archives.reduce((sum, { file }) => sum + file.size, 0),
    notes: archives.flatMap(({ mountPoint, notes }) => notes.map((note) => `${mountPoint}: ${note}`)),
  };
}
