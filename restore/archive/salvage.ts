import { decompressPastDamage, type FrameTable, type MissingFrame, verifyFrames } from '@rekindle/zstd-seekable';
import { RekindleError } from '../../common/errors/error.ts';
import { frameMemory } from './frame-memory.ts';
import { readIndex } from './index/index-reader.ts';
import type { MemberRecord } from './index/index-records.ts';
import { indexBytes, openArchive, type SetAccess } from './open-archive.ts';
import type { Archive } from './set-schema.ts';

/** Bytes of a tar stream. */
export interface TarRange {
  start: number;
  end: number;
}

/** Ranges of archives' tar streams that cannot be had, by the archive's name. An archive that is not in it is whole. */
export type LostRanges = ReadonlyMap<string, readonly TarRange[]>;

/** A member that cannot be restored. */
export interface LostMember {
  /** As in the archive: './etc/fstab'. */
  path: Buffer;
  type: MemberRecord['type'];
  /** Its size once restored, bytes. */
  size: MemberRecord['size'];
  /** A hard link to a lost file has no content of its own. */
  because: 'damage' | 'link';
  place: TarRange;
}

/** Members that touch a damaged range, in the archive's order, and the hard links to them. Memory grows with the damage only. */
export async function* lostMembers(
  access: SetAccess,
  archive: Archive,
  damaged: readonly TarRange[],
): AsyncGenerator<LostMember> {
  const lost = new Set<string>();
  if (damaged.length === 0) return;
  for await (const record of readIndex(indexBytes(access, archive))) {
    if (record.kind !== 'member') continue;
    const { path, type, size, linkPath } = record;
    const place = { start: record.offset, end: record.offset + record.length };
    const because = touches(place, damaged)
      ? 'damage'
      : type === 'h' && linkPath !== null && lost.has(linkPath.toString('latin1'))
        ? 'link'
        : null;
    if (because === null) continue;
    lost.add(path.toString('latin1'));
    yield { path, type, size, because, place };
  }
}

function touches({ start, end }: TarRange, ranges: readonly TarRange[]): boolean {
  return ranges.some((range) => start < range.end && end > range.start);
}

/** What of the archive cannot be read or is not as it was written. */
export async function damagedRanges(access: SetAccess, archive: Archive, table: FrameTable): Promise<TarRange[]> {
  const source = await openArchive(access, archive);
  try {
    const ranges: TarRange[] = [];
    for await (const { uncompressedOffset, uncompressedSize } of verifyFrames(source, table, frameMemory()))
      ranges.push({ start: uncompressedOffset, end: uncompressedOffset + uncompressedSize });
    return ranges;
  } finally {
    await source.close();
  }
}

/** Two blocks of zeros end a tar stream; the archive's own lie in its last frame. */
const endOfArchive = Buffer.alloc(1024);

/**
 * A whole tar stream of all members but the lost ones. A frame that is damaged and not in `damaged` ends it: tar would take
 * what comes next for what is missing. @throws RekindleError RK306, RK308
 */
export async function* withoutLost(
  access: SetAccess,
  archive: Archive,
  table: FrameTable,
  lost: readonly LostMember[],
  damaged: readonly TarRange[],
): AsyncGenerator<Buffer> {
  const skipped = lost.map(({ place }) => place).toSorted((one, other) => one.start - other.start);
  const source = await openArchive(access, archive);
  try {
    let next = 0;
    let ended = true;
    for await (const frame of decompressPastDamage(source, table, frameMemory())) {
      ended = !('damage' in frame);
      if ('damage' in frame) {
        assertKnown(frame, damaged, archive);
        continue;
      }
      const { uncompressedOffset, uncompressedSize } = frame.place;
      let at = uncompressedOffset;
      const end = uncompressedOffset + uncompressedSize;
      while (at < end) {
        while ((skipped[next]?.end ?? Number.POSITIVE_INFINITY) <= at) next += 1;
        const skip = skipped[next] ?? { start: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY };
        const until = Math.min(end, Math.max(at, skip.start));
        const part = frame.data.subarray(at - uncompressedOffset, until - uncompressedOffset);
        if (until > at) yield Buffer.from(part.buffer, part.byteOffset, part.length);
        at = Math.max(until, Math.min(end, skip.end));
      }
    }
    if (!ended) yield endOfArchive;
  } finally {
    await source.close();
  }
}

function assertKnown({ place, damage }: MissingFrame, damaged: readonly TarRange[], { name }: Archive): void {
  const [start, end] = [place.uncompressedOffset, place.uncompressedOffset + place.uncompressedSize];
  if (damaged.some((range) => range.start <= start && end <= range.end)) return;
  const reason = `${name}: frame ${damage.index} at offset ${damage.offset}: ${damage.detail}`;
  throw new RekindleError(damage.reason === 'unreadable' ? 'RK306' : 'RK308', reason, { cause: damage.cause });
}
