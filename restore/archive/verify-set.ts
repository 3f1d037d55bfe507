import { createHash } from 'node:crypto';
import { checkSeekTable, type FrameTable, prepareThreads, SeekableError, verifyFrames } from '@rekindle/zstd-seekable';
import { RekindleError } from '../../common/errors/error.ts';
import { refusesUs } from '../../common/errors/system-error.ts';
import { formatBytes } from '../../common/format.ts';
import { frameMemory } from './frame-memory.ts';
import { openArchive, readFrames, type SetAccess } from './open-archive.ts';
import type { RecoverySet } from './open-set.ts';
import type { Archive, SetFile, VolumeFile } from './set-schema.ts';
import type { ByteSource, VolumeStore } from './store/store.ts';
import { assertOpens, isOfTheKey } from './unlock.ts';

export interface VerifyOptions {
  /**
   * Compare what comes out of the archives with the digests that were taken of tar's output, too. Once is enough, right after
   * writing: from then on the same frame (SHA-256) holds the same content, and zstd's own checksum says that it came out right.
   * False when not given.
   */
  content?: boolean;
  onProgress?: (bytesDone: number, bytesTotal: number) => void;
  signal?: AbortSignal;
}

/** A file of the set that is not as it was written. */
export interface Damage {
  volume: number;
  /** Of the file in the set. */
  path: string;
  /** What is wrong with it, for people. */
  detail: string;
  /** Of an archive that can be opened: ranges of its tar stream that cannot be had. */
  lost?: { archive: string; ranges: { start: number; end: number }[] };
}

/** One line for each damaged file. */
export function describeDamageOf({ path, detail }: Damage): string {
  return `${path}: ${detail}`;
}

/** What is read at once, always into the same memory. Bytes. */
const pieceBytes = 1 << 20;

interface Checker {
  content: boolean;
  signal: AbortSignal | undefined;
  advance: (bytes: number) => void;
}

/**
 * Reads every file of the volumes at hand. Archives are checked frame by frame, by SHA-256, and unpacked; an encrypted one
 * only as the file that it is, unless `access` can open it.
 * @returns one for each damaged file; empty: intact @throws RekindleError RK320, RK321, RK326 when the keys do not open it
 */
export async function verifySet(access: SetAccess, options: VerifyOptions = {}): Promise<Damage[]> {
  const { set } = access;
  const total = filesAtHand(set).reduce((sum, { file }) => sum + file.size, 0);
  let done = 0;
  const checker: Checker = {
    content: options.content ?? false,
    signal: options.signal,
    advance: (bytes) => {
      done += bytes;
      options.onProgress?.(done, total);
    },
  };
  await assertKeys(access);
  const damage: Damage[] = [];
  const open = set.manifest?.encryption === undefined || access.identities.length > 0;
  const byFrames = (set.manifest?.archives ?? []).filter(
    ({ parts }) => open && parts.every(({ volume }) => set.volumes.has(volume)),
  );
  prepareThreads(
    byFrames.reduce((sum, { frames }) => sum + frames, 0),
    frameMemory(),
  );
  const inFrames = new Set(byFrames.flatMap(({ parts }) => parts.map(({ path }) => path)));
  for (const { volume, store, file } of filesAtHand(set)) {
    if (inFrames.has(file.path)) continue;
    const detail = await verifyFile(store, file, checker);
    if (detail !== null) damage.push({ volume, path: file.path, detail });
  }
  for (const archive of byFrames) damage.push(...(await verifyArchive(access, archive, checker)));
  return damage;
}

/** Before anything is read for long; what is damaged is found later. @throws RekindleError RK320, RK321, RK326 */
async function assertKeys(access: SetAccess): Promise<void> {
  if (access.set.manifest?.encryption === undefined || access.identities.length === 0) return;
  await assertOpens(access).catch((error: unknown) => {
    if (isOfTheKey(error) || !(error instanceof RekindleError)) throw error;
  });
}

/** rd-base and every file that the manifest names, of the volumes at hand. */
function filesAtHand(set: RecoverySet): { volume: number; store: VolumeStore; file: SetFile }[] {
  const files = set.manifest?.files ?? (set.info.rdBase ? [{ volume: 1, ...set.info.rdBase }] : []);
  return files.flatMap(({ volume, ...file }) => {
    const store = set.volumes.get(volume);
    return store ? [{ volume, store, file }] : [];
  });
}

async function verifyFile(store: VolumeStore, file: SetFile, { signal, advance }: Checker): Promise<string | null> {
  const hash = createHash('sha256');
  let size = 0;
  let source: ByteSource | null = null;
  try {
    source = await store.open(file.path);
    const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, Math.max(1, source.size)));
    for (let length = 0; size < source.size; size += length) {
      signal?.throwIfAborted();
      length = await source.read(piece, size);
      if (length === 0) break;
      hash.update(piece.subarray(0, length));
      advance(length);
    }
  } catch (error) {
    if (signal?.aborted || refusesUs(error)) throw error;
    return `unreadable after ${formatBytes(size)}: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await source?.close();
  }
  if (size !== file.size) return `${size} bytes, ${file.size} were written`;
  return hash.digest('hex') === file.sha256 ? null : 'its content changed (SHA-256)';
}

async function verifyArchive(access: SetAccess, archive: Archive, checker: Checker): Promise<Damage[]> {
  const [part] = archive.parts;
  const whole = { volume: part?.volume ?? 1, path: part?.path ?? archive.name };
  try {
    const table = await readFrames(access, archive, checker.content);
    const source = await openArchive(access, archive);
    try {
      return await verifySource(archive, source, table, checker);
    } finally {
      await source.close();
    }
  } catch (error) {
    if (checker.signal?.aborted) throw error;
    if (error instanceof SeekableError) return [{ ...whole, detail: error.message }];
    if (!(error instanceof RekindleError)) throw error;
    const index = await damagedOf(access, [{ ...archive.index, volume: access.set.info.volumes }], checker);
    if (index.length === 0 && !isOfTheKey(error)) return [{ ...whole, detail: `${error.message} ${error.reason}` }];
    // Its frames cannot be told without the index, and none opened: what is left is the file as it lies there.
    const parts = await damagedOf(access, archive.parts, checker);
    if (index.length + parts.length === 0) throw error;
    return parts;
  }
}

/** Of some files those that are not as they were written, read once more. */
async function damagedOf({ set }: SetAccess, files: readonly VolumeFile[], checker: Checker): Promise<Damage[]> {
  const damage: Damage[] = [];
  for (const { volume, ...file } of files) {
    const store = set.volumes.get(volume);
    const detail = store ? await verifyFile(store, file, { ...checker, advance: () => undefined }) : null;
    if (detail !== null) damage.push({ volume, path: file.path, detail });
  }
  return damage;
}

async function verifySource(
  archive: Archive,
  source: ByteSource,
  table: FrameTable,
  { signal, advance }: Checker,
): Promise<Damage[]> {
  const [part] = archive.parts;
  const ranges: { start: number; end: number }[] = [];
  const details: string[] = [];
  const options = {
    ...frameMemory(),
    onFrame: (place: { compressedSize: number }) => advance(place.compressedSize),
    ...(signal ? { signal } : {}),
  };
  for await (const damage of verifyFrames(source, table, options)) {
    details.push(`frame ${damage.index} at offset ${damage.offset}: ${damage.detail}`);
    ranges.push({ start: damage.uncompressedOffset, end: damage.uncompressedOffset + damage.uncompressedSize });
  }
  const wrong = await checkSeekTable(source, table);
  if (wrong) details.push(`its table of frames (the last bytes) changed, and no frame needs it: ${wrong.message}`);
  if (details.length === 0) return [];
  const more = details.length > 3 ? `; and ${details.length - 3} more` : '';
  const damage: Damage = {
    volume: part?.volume ?? 1,
    path: part?.path ?? archive.name,
    detail: details.slice(0, 3).join('; ') + more,
    lost: { archive: archive.name, ranges },
  };
  return [damage];
}
