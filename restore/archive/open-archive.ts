import type { FrameTable } from '@rekindle/zstd-seekable';
import { RekindleError } from '../../common/errors/error.ts';
import { refusesUs } from '../../common/errors/system-error.ts';
import { AgeFile } from './age/age-file.ts';
import type { AgeIdentity } from './age/identities.ts';
import { readFrameTable, roomForFrames } from './index/frame-table.ts';
import { isUnreadable, type RecoverySet } from './open-set.ts';
import type { Archive, VolumeFile } from './set-schema.ts';
import { PartsSource } from './store/parts.ts';
import { type ByteSource, readRange, streamOf } from './store/store.ts';

/** All that reading archives takes. */
export interface SetAccess {
  set: RecoverySet;
  /** For an encrypted set. */
  identities: readonly AgeIdentity[];
  /** Opens a part; a restore waits here for the right disc. */
  openPart: (part: VolumeFile) => Promise<ByteSource>;
}

/** Access to the volumes at hand only. @throws RekindleError RK314 for a part on another one */
export function accessAtHand(set: RecoverySet, identities: readonly AgeIdentity[] = []): SetAccess {
  return { set, identities, openPart: (part) => openAtHand(set, part) };
}

export async function openAtHand(set: RecoverySet, part: VolumeFile): Promise<ByteSource> {
  const store = set.volumes.get(part.volume);
  if (!store) throw new RekindleError('RK314', `${part.path} is on volume ${part.volume} of ${set.manifest?.volumes}`);
  try {
    return await store.open(part.path);
  } catch (error) {
    if (refusesUs(error)) throw error;
    const words = error instanceof Error ? error.message : String(error);
    throw new RekindleError(isUnreadable(error) ? 'RK306' : 'RK305', `${store.name}: ${words}`, { cause: error });
  }
}

/** What an age file hides, as a source. */
function decrypted(file: AgeFile, below: ByteSource): ByteSource {
  return {
    size: file.size,
    read: (target, position) => file.readInto(target, position),
    close: () => below.close(),
  };
}

async function decryptedIfNeeded(access: SetAccess, source: ByteSource, name: string): Promise<ByteSource> {
  if (access.set.manifest?.encryption === undefined) return source;
  if (access.identities.length === 0) throw new RekindleError('RK315', name);
  const reader = {
    size: source.size,
    read: (offset: number, length: number) => readRange(source, offset, length),
  };
  return decrypted(await AgeFile.open(reader, access.identities, name), source);
}

/** The archive's frames and seek table, wherever its parts lie. Close it. @throws RekindleError RK305, RK306, RK314, RK315, AgeError */
export async function openArchive(access: SetAccess, archive: Archive): Promise<ByteSource> {
  const parts = new PartsSource(archive.parts, access.openPart);
  try {
    return await decryptedIfNeeded(access, parts, archive.name);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** The bytes of an archive's index, as `readIndex` takes them. */
export async function* indexBytes(access: SetAccess, archive: Archive): AsyncGenerator<Buffer> {
  const volume = access.set.manifest?.volumes ?? 1;
  const file = await access.openPart({ ...archive.index, volume });
  try {
    yield* streamOf(await decryptedIfNeeded(access, file, archive.index.path));
  } finally {
    await file.close();
  }
}

/**
 * Where the archive's frames are, with their digests; those of what they unpack to only when `content` is to be compared.
 * @throws RekindleError RK34x when the index is damaged
 */
export function readFrames(access: SetAccess, archive: Archive, content = false): Promise<FrameTable> {
  return readFrameTable(indexBytes(access, archive), roomForFrames(archive), content);
}
