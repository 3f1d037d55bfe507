import { LinkSet } from '../link-set.ts';
import { unescapeLatin1 } from './escape-path.ts';
import { fieldStart } from './index-lines.ts';
import { type LineFilter, readIndexBatches } from './index-reader.ts';
import type { FrameRecord, MemberRecord } from './index-records.ts';
import { fieldAt, type PathMatcher } from './path-matcher.ts';

export interface FoundMember {
  member: MemberRecord;
  /** False: it is asked for only because a hard link that matches is another name of it and has no content of its own. */
  matches: boolean;
}

const column = { offset: 1, type: 3, path: 9 };

/** So many are kept while hard links are looked for; above that the index is read again. */
const fewMembers = 10_000;

/**
 * The members that match, in the archive's order, and those that matching hard links are names of. Reads the index twice when
 * there are many, or such links: what a hard link is another name of comes before it.
 * @param open gives the compressed index from its beginning.
 * @param onFrame gets each frame once, before the end.
 * @throws RekindleError RK340 to RK342; what the source throws.
 */
export async function* findMembers(
  open: () => AsyncIterable<Buffer>,
  matcher: PathMatcher,
  onFrame: (frame: FrameRecord) => void = () => undefined,
): AsyncGenerator<FoundMember> {
  const first = matcher.all ? null : await lookFirst(open(), matcher, onFrame);
  if (first?.members && first.targets.isEmpty) {
    for (const member of first.members) yield { member, matches: true };
    return;
  }
  const targets = first?.targets ?? new LinkSet();
  const isTarget = (field: string): boolean => targets.has(Buffer.from(unescapeLatin1(field) ?? '', 'latin1'));
  const wanted = (text: string, path: number): boolean =>
    matcher.matchesField(text, path) || (!targets.isEmpty && isTarget(fieldAt(text, path)));
  for await (const member of membersOf(open(), wanted, first ? undefined : onFrame))
    yield { member, matches: matcher.matches(member.path.toString('latin1')) };
}

interface FirstLook {
  /** Null: too many to keep. */
  members: MemberRecord[] | null;
  /** What matching hard links are names of, as far as it does not match itself. */
  targets: LinkSet;
}

async function lookFirst(
  source: AsyncIterable<Buffer>,
  matcher: PathMatcher,
  onFrame: (frame: FrameRecord) => void,
): Promise<FirstLook> {
  const look: FirstLook = { members: [], targets: new LinkSet() };
  const isWanted = (text: string, path: number, type: number): boolean =>
    (look.members !== null || text[type] === 'h') && matcher.matchesField(text, path);
  for await (const member of membersOf(source, isWanted, onFrame)) {
    const target = member.type === 'h' ? (member.linkPath ?? Buffer.alloc(0)) : null;
    if (target !== null && !matcher.matches(target.toString('latin1'))) look.targets.add(target);
    look.members?.push(member);
    if ((look.members?.length ?? 0) > fewMembers) look.members = null;
  }
  return look;
}

/**
 * Members by where they begin in the tar stream, in the archive's order.
 * @param wanted gets the offset @throws RekindleError RK340 to RK342; what the source throws
 */
export async function* membersAt(
  source: AsyncIterable<Buffer>,
  wanted: (offset: number) => boolean,
): AsyncGenerator<MemberRecord> {
  const filter: LineFilter = (text, start, end) => {
    if (text[start] !== 'M') return false;
    const offset = fieldStart(text, start, column.offset);
    // Parsing names what is wrong with a line that has too few fields.
    return offset > end || offset < start || wanted(Number.parseInt(text.slice(offset, offset + 20), 10));
  };
  for await (const records of readIndexBatches(source, filter))
    for (const record of records) if (record.kind === 'member' && wanted(record.offset)) yield record;
}

/** @param wanted gets a text and where a member's path and type begin in it. */
async function* membersOf(
  source: AsyncIterable<Buffer>,
  wanted: (text: string, path: number, type: number) => boolean,
  onFrame: (frame: FrameRecord) => void = () => undefined,
): AsyncGenerator<MemberRecord> {
  const filter: LineFilter = (text, start, end) => {
    if (text[start] !== 'M') return false;
    const type = fieldStart(text, start, column.type);
    const path = fieldStart(text, type, column.path - column.type);
    // Parsing names what is wrong with a line that has too few fields.
    return path > end || path < start || wanted(text, path, type);
  };
  for await (const records of readIndexBatches(source, filter))
    for (const record of records)
      if (record.kind === 'member') yield record;
      else if (record.kind === 'frame') onFrame(record);
}
