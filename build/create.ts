import { randomUUID } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { goOnWithoutReader } from '../common/without-reader.ts';
import type { AgeIdentity } from '../restore/archive/age/identities.ts';
import type { AgeRecipients } from '../restore/archive/age/recipients.ts';
import { archiveTitle } from '../restore/archive/archive-title.ts';
import type { NoteCounts } from '../restore/archive/note-counts.ts';
import { type Archive, type SetFile, setFileNames } from '../restore/archive/set-schema.ts';
import type { PublicKey } from '../restore/archive/signature/public-key.ts';
import type { SecretKey } from '../restore/archive/signature/secret-key.ts';
import { VolumeWriter } from '../restore/archive/volumes/volume-writer.ts';
import { describeFile, finishVolumes } from '../restore/archive/write-set.ts';
import { takeInventory } from '../restore/layout/inventory.ts';
import type { Layout } from '../restore/layout/schema.ts';
import { archiveFileSystems } from './backup.ts';
import type { Hooks } from './config.ts';
import type { SnapshotChoice } from './consistency.ts';
import { describeVolumes } from './describe-volumes.ts';
import { type Destination, makeStage } from './destination.ts';
import { describeFailure, describeUnfinished, withUnfinished } from './failure.ts';
import { runEveryHook, runHooks } from './hooks.ts';
import { capacityOf, makeImages } from './images.ts';
import { removeStaleSources } from './private-mount.ts';
import type { Progress } from './progress.ts';
import { collectFacts } from './report/collect.ts';
import { writeReport } from './report/write.ts';
import { addRescueSystem, type KernelChoice } from './rescue/main.ts';
import { copyRescueSystem, preparedBytes } from './rescue/prepared.ts';
import { sealInitrd } from './rescue/seal.ts';
import { signer } from './signer.ts';
import type { SnapshotOptions } from './snapshots/lineage.ts';
import { type SetSnapshots, snapshotsOf } from './snapshots/of-set.ts';
import { assertAnswers, assertSpace, savedBytes } from './space.ts';
import { unlessStuck } from './stop.ts';
import { UndoList } from './undo.ts';
import { verifyMedium } from './verify-medium.ts';
import { finishImages, type Site, siteIn } from './volumes.ts';
import { removeWorkDirectory, workIn } from './work.ts';

/** How the archives are encrypted, and what opens them again for the check afterwards. */
export interface Encryption {
  recipients: AgeRecipients;
  identities: readonly AgeIdentity[];
  /** For a passphrase: key.age, which it opens. */
  keyFile?: Buffer;
}

export interface CreateOptions {
  /** UUID of the set; without it one is made up. */
  set?: string;
  destination: Destination;
  /** Null on a rescue-only medium. */
  layout: Layout | null;
  executable: string;
  kernelArguments: readonly string[];
  answerFile?: string;
  workDirectory?: string;
  /** Another kernel than the running one. */
  kernel?: KernelChoice;
  /** Folder of a rescue system that was made before (`copyRescueSystem`); without it one is made. */
  rescue?: string;
  /** In bytes; without it there is one volume, of any size. */
  volumeSize?: number;
  encryption?: Encryption;
  /** The manifest is signed with it. */
  signingKey?: SecretKey;
  /** What the medium lets in, its own set too, must be signed by one of these. */
  trustedKeys?: readonly PublicKey[];
  /** False: the written medium is not read again. */
  verify?: boolean;
  hooks?: Hooks;
  /** Whether file systems are read from snapshots (LVM, btrfs), where that is possible. */
  snapshot?: SnapshotChoice;
  /** Level and snapshots for the sets to come; without it the set is full, and none is kept. */
  snapshots?: SnapshotOptions;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

export interface CreateResult {
  /** One for each volume, in order. */
  files: string[];
  set: string;
  /** Of all volumes. */
  size: number;
  /** Bytes by part, for the summary. */
  parts: Record<string, number>;
  /** What rd-base is made of, before compression. */
  unpacked: Record<string, number>;
  warnings: string[];
  /** What was to be undone afterwards and was not, as sentences: an `after` hook that failed. The medium is good. */
  unfinished: string[];
  /** Files that changed while they were read, sockets, what is lost: how many of each kind, by mount point. */
  notes: Record<string, NoteCounts>;
}

/**
 * Makes the medium. Everything is put together in a folder beside the result (or in `workDirectory`), which goes away
 * whatever happens; the result has its final name only when it is complete and was read back.
 * @throws RekindleError RK2xx; nothing is left behind, and what could not be undone is named
 */
export async function createMedium(options: CreateOptions): Promise<CreateResult> {
  const undo = new UndoList();
  goOnWithoutReader();
  try {
    const made = await unlessStuck(make(options, undo), options.signal);
    return { ...made, unfinished: describeUnfinished(await undo.all()) };
  } catch (error) {
    const described = await describeFailure(error, options.signal);
    throw withUnfinished(described, await undo.all());
  }
}

type Made = Omit<CreateResult, 'unfinished'>;

async function make(options: CreateOptions, undo: UndoList): Promise<Made> {
  const { destination, layout, workDirectory, set = randomUUID() } = options;
  const left: string[] = [];
  const onLeft = (text: string): void => void left.push(text);
  for (const place of [workDirectory, options.rescue]) if (place !== undefined) await assertAnswers(place);
  await removeStaleSources();
  const stage = await makeStage(destination, onLeft);
  undo.add(() => removeWorkDirectory(stage));
  const snapshots = await snapshotsOf(options.snapshots, layout, set, onLeft);
  undo.add(snapshots.discard);
  const work = workDirectory === undefined ? stage : await workIn(workDirectory, onLeft);
  if (work !== stage) undo.add(() => removeWorkDirectory(work));
  const rescueBytes = options.rescue === undefined ? {} : { rescueBytes: await preparedBytes(options.rescue) };
  await assertSpace({ work, image: stage, usedBytes: savedBytes(layout), ...rescueBytes });
  const site = await siteIn(work, stage, set);
  site.warnings.push(...left);
  return assemble(options, site, { snapshots, undo });
}

async function assemble(
  options: CreateOptions,
  site: Site,
  { snapshots, undo }: { snapshots: SetSnapshots; undo: UndoList },
): Promise<Made> {
  await mkdir(site.setDirectory(1), { recursive: true });
  const place = { work: site.work, tree: site.tree(1), setDirectory: site.setDirectory(1) };
  const rescue = await (options.rescue === undefined
    ? addRescueSystem({ ...options, ...place })
    : copyRescueSystem(options.rescue, place));
  const createdAt = new Date().toISOString();
  const [rdBase, ...others] = await addFirst(options, site, createdAt);
  await sealInitrd(join(site.tree(1), 'boot/initrd.img'), rdBase);
  const volumes = new VolumeWriter({
    directory: site.setDirectory,
    capacity: await capacityOf(options, site),
  });
  for (const file of [rdBase, ...others]) volumes.add(file);
  const archives = options.layout ? await addBackup(options, options.layout, site, { volumes, snapshots, undo }) : [];
  const { machine } = await takeInventory();
  const manifest = options.layout
    ? await finishVolumes(volumes, {
        ...site,
        layout: options.layout,
        archives,
        encrypted: options.encryption !== undefined,
        ...snapshots.manifest,
        ...(options.encryption?.keyFile ? { keyFile: options.encryption.keyFile } : {}),
        ...(options.signingKey ? { sign: signer(options.signingKey, site.set, machine.hostname) } : {}),
      })
    : null;
  await describeVolumes(site, volumes, { machine, rdBase, manifest, createdAt, ...snapshots.manifest });
  const images = await makeImages(options, site, volumes, machine.hostname);
  if (options.verify !== false) await verifyMedium(options, site, volumes.volume);
  const files = await finishImages(options.destination, site, volumes.volume);
  const unkept = await snapshots.keep({ createdAt, archives });
  return {
    files,
    set: site.set,
    size: images.size,
    parts: {
      ...rescue.parts,
      ...(archives.length > 0 ? { archives: archives.reduce((sum, { size }) => sum + size, 0) } : {}),
    },
    unpacked: rescue.unpacked,
    warnings: [...site.warnings, ...images.warnings, ...unkept],
    notes: Object.fromEntries(
      archives.flatMap((each) => (each.noteCounts ? [[archiveTitle(each), each.noteCounts]] : [])),
    ),
  };
}

/** What is on the first volume before any archive: rd-base comes first. The report would tell what encryption hides. */
async function addFirst(
  { answerFile, layout, encryption }: CreateOptions,
  { setDirectory, set }: Site,
  createdAt: string,
): Promise<[SetFile, ...SetFile[]]> {
  const directory = setDirectory(1);
  const names: string[] = [];
  if (encryption === undefined) {
    await writeReport(directory, await collectFacts({ layout, set, createdAt }));
    names.push(setFileNames.report);
  }
  if (answerFile !== undefined) {
    await copyFile(answerFile, join(directory, setFileNames.answer));
    names.push(setFileNames.answer);
  }
  const others = await Promise.all(names.map((name) => describeFile(directory, name)));
  return [await describeFile(directory, setFileNames.rdBase), ...others];
}

async function addBackup(
  options: CreateOptions,
  layout: Layout,
  site: Site,
  { volumes, snapshots, undo }: { volumes: VolumeWriter; snapshots: SetSnapshots; undo: UndoList },
): Promise<Archive[]> {
  const { destination, hooks, signal } = options;
  const timeLimitSeconds = hooks?.['time-limit'] ?? 0;
  // What was put to rest is woken again however this ends, also when only some of it was.
  const wake = undo.add(() => runEveryHook(hooks?.after ?? [], { timeLimitSeconds }));
  try {
    await runHooks(hooks?.before ?? [], { timeLimitSeconds, signal });
    return await archiveFileSystems({
      layout,
      volumes,
      indexDirectory: site.indexDirectory,
      recipients: options.encryption?.recipients ?? null,
      // A swap file is made again, without what was swapped to it.
      exclude: [
        ...(layout.swapFiles ?? []).map(({ path }) => path),
        site.work,
        dirname(site.images),
        destination.file,
        ...snapshots.exclude,
      ],
      ...snapshots.backup,
      ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
      onWarning: (warning) => void site.warnings.push(warning),
      signal,
      undo,
      onProgress: options.onProgress,
    });
  } finally {
    // As early as possible; whoever goes through the list hears of a failure.
    await wake().catch(() => undefined);
  }
}
