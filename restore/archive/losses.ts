import { encodeSeekTable, type FrameTable } from '@rekindle/zstd-seekable';
import { archiveTitle } from './archive-title.ts';
import type { ChainLoss } from './incremental/chain-losses.ts';
import { escapePath } from './index/escape-path.ts';
import { machinePath } from './machine-paths.ts';
import { readFrames, type SetAccess } from './open-archive.ts';
import type { RecoverySet } from './open-set.ts';
import type { LostRanges, TarRange } from './salvage.ts';
import { type Archive, setFileNames } from './set-schema.ts';
import type { Damage } from './verify-set.ts';

/** What a restore of the rest would leave out; or why the rest cannot be restored. */
export type Salvage = { possible: true; ranges: LostRanges } | { possible: false; reason: string };

/** Whether all but single files can be restored from a damaged set. @param isBase only its archives are taken */
export function salvageOf(set: RecoverySet, damage: readonly Damage[], isBase = false): Salvage {
  const ranges = new Map<string, TarRange[]>();
  for (const { volume, path, lost } of damage) {
    if (lost) ranges.set(lost.archive, [...(ranges.get(lost.archive) ?? []), ...lost.ranges]);
    else if (!isUnread(set, path, isBase)) return { possible: false, reason: reasonOf(set, volume, path) };
  }
  return { possible: true, ranges };
}

/** Files that no restore reads. */
function isUnread({ manifest }: RecoverySet, path: string, isBase: boolean): boolean {
  const snapshots = (manifest?.archives ?? []).map(({ snapshot }) => snapshot?.path);
  const unread: (string | undefined)[] = [setFileNames.report, setFileNames.answer, setFileNames.key, ...snapshots];
  if (isBase) unread.push(setFileNames.rdBase, manifest?.layout.path);
  return unread.includes(path) || /^layout\/sfdisk\./.test(path);
}

function reasonOf({ manifest }: RecoverySet, volume: number, path: string): string {
  if (path === setFileNames.rdBase) return 'the rescue system itself is damaged: its tools cannot be trusted';
  for (const archive of manifest?.archives ?? []) {
    const { index, parts } = archive;
    if (index.path === path) return `the list of what is in ${archiveTitle(archive)} (${path}) is damaged`;
    if (parts.some((part) => part.path === path))
      return parts.length > 1
        ? `which files of ${archiveTitle(archive)} are lost cannot be told while not all of its volumes are here (volume ${volume})`
        : `${path} cannot be opened: all of ${archiveTitle(archive)} would be lost`;
  }
  return `${path} is damaged, which every restore needs`;
}

/**
 * What lies on volumes that cannot be had: of each archive the frames that are not all there.
 * @returns not possible where an encrypted archive's beginning or end is on them, without which none of it opens
 */
export async function losesVolumes(access: SetAccess, volumes: ReadonlySet<number>): Promise<Salvage> {
  const ranges = new Map<string, TarRange[]>();
  const { manifest, info } = access.set;
  if (volumes.has(info.volumes)) return { possible: false, reason: 'the list of all files is on this volume' };
  for (const archive of manifest?.archives ?? []) {
    if (!archive.parts.some(({ volume }) => volumes.has(volume))) continue;
    const encrypted = manifest?.encryption !== undefined;
    const ends = [archive.parts[0], archive.parts.at(-1)];
    if (encrypted && ends.some((part) => part && volumes.has(part.volume)))
      return {
        possible: false,
        reason: `${archiveTitle(archive)} is encrypted and begins or ends on it: nothing of it opens`,
      };
    ranges.set(archive.name, framesOn(archive, await readFrames(access, archive), volumes, encrypted));
  }
  return { possible: true, ranges };
}

const chunk = 1 << 16;
const sealedChunk = chunk + 16;

/** The content of the frames that are not wholly on other volumes. */
function framesOn(archive: Archive, table: FrameTable, volumes: ReadonlySet<number>, encrypted: boolean): TarRange[] {
  const missing: TarRange[] = [];
  let offset = 0;
  for (const { volume, size } of archive.parts) {
    if (volumes.has(volume)) missing.push({ start: offset, end: offset + size });
    offset += size;
  }
  // Of an age file only whole chunks open; its header is what is left of the size.
  const plain = table.compressedSize + encodeSeekTable(table).length;
  const header = archive.size - plain - 16 * Math.max(1, Math.ceil(plain / chunk));
  const placeOf = (start: number, end: number): TarRange =>
    encrypted
      ? { start: header + Math.floor(start / chunk) * sealedChunk, end: header + Math.ceil(end / chunk) * sealedChunk }
      : { start, end };
  const lost: TarRange[] = [];
  for (let index = 0; index < table.length; index += 1) {
    const frame = table.place(index);
    const place = placeOf(frame.offset, frame.offset + frame.compressedSize);
    if (!missing.some(({ start, end }) => place.start < end && place.end > start)) continue;
    lost.push({ start: frame.uncompressedOffset, end: frame.uncompressedOffset + frame.uncompressedSize });
  }
  return lost;
}

/** One line of the list of lost files. */
export function describeLoss({ archive, member, isChange }: ChainLoss): string {
  const { path, type, size, because } = member;
  const words: string[] = [];
  if (because === 'link') words.push('another name of a lost file');
  else if (type === 'd') words.push("only the folder's own attributes: ACLs and the like");
  else if (type === 'f') words.push(`${size} bytes`);
  if (isChange) words.push('what an older set has of it comes back');
  return `${escapePath(machinePath(archive, path))}${words.length > 0 ? `  (${words.join('; ')})` : ''}`;
}
