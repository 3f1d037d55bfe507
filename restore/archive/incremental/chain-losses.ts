import { readIndexBatches } from '../index/index-reader.ts';
import { indexBytes, type SetAccess } from '../open-archive.ts';
import type { LostRanges } from '../salvage.ts';
import { type LostMember, lostMembers } from '../salvage.ts';
import type { Archive } from '../set-schema.ts';

/** What cannot be had of several sets, by the set's id. A set that is not in it is whole. */
export type ChainLosses = ReadonlyMap<string, LostRanges>;

/** An archive and what opens it. */
export interface ReadableArchive {
  access: SetAccess;
  archive: Archive;
}

/** A member that does not come back as it was. */
export interface ChainLoss {
  archive: Archive;
  member: LostMember;
  /** It is of a set of changes: what sets before have of that name comes back instead. */
  isChange: boolean;
}

/**
 * What a restore of one file system leaves out: lost members that no later set has anew. Paths are those of the set that they are
 * lost from; that one file was deleted since, and not its folder, cannot be told. Memory grows with the damage only.
 * @param links the full archive first, then the changes since (`resolveChains`)
 */
export async function* chainLosses(links: readonly ReadableArchive[], losses: ChainLosses): AsyncGenerator<ChainLoss> {
  for (const [index, { access, archive }] of links.entries()) {
    const ranges = losses.get(access.set.info.set)?.get(archive.name) ?? [];
    const lost = lostMembers(access, archive, ranges);
    const later = ranges.length === 0 ? [] : links.slice(index + 1);
    // Sets of changes hold every folder.
    for await (const member of later.length === 0 ? lost : notInLater(lost, later))
      if (index > 0 || links.length === 1 || member.type !== 'd') yield { archive, member, isChange: index > 0 };
  }
}

/** What no later set has anew, and whose folder the last one has: a set of changes holds every folder there is. */
async function* notInLater(
  lost: AsyncIterable<LostMember>,
  later: readonly ReadableArchive[],
): AsyncGenerator<LostMember> {
  const members = new Map<string, LostMember>();
  for await (const member of lost) members.set(keyOf(member), member);
  const folders = new Map([...members.values()].map((member) => [folderOf(member), false]));
  for (const [index, { access, archive }] of later.entries())
    for await (const records of readIndexBatches(indexBytes(access, archive)))
      for (const record of records) {
        if (record.kind !== 'member') continue;
        const key = keyOf(record);
        // What a folder's record tells of deletions stands in no other.
        if (members.get(key)?.type !== 'd') members.delete(key);
        if (index === later.length - 1 && folders.has(key)) folders.set(key, true);
      }
  for (const member of members.values()) if (member.type === 'd' || folders.get(folderOf(member))) yield member;
}

/** './etc/' of './etc/fstab', as the folder's own member is spelled. */
function folderOf(member: LostMember): string {
  const key = keyOf(member);
  return key.slice(0, key.lastIndexOf('/') + 1);
}

function keyOf({ path }: { path: Buffer }): string {
  return path.toString('latin1');
}

/**
 * Whether the rest can be restored without it. A folder's record in a set of changes tells what was deleted from it: without it
 * files would come back that were deleted, and what took another type could not be written.
 */
export function isDispensable({ member, isChange }: ChainLoss): boolean {
  return !isChange || member.type !== 'd';
}
