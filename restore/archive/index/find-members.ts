import { unescapeLatin1 } from './escape-path.ts';
import { fieldStart } from './index-lines.ts';
import { type LineFilter, readIndexBatches } from './index-reader.ts';
import type { MemberRecord } from './index-records.ts';
import { fieldAt, type PathMatcher } from './path-matcher.ts';

export interface FoundMember {
  member: MemberRecord;
  /** False: it is asked for only because a hard link that matches is another name of it and has no content of its own. */
  matches: boolean;
}

const column = { type: 3, path: 9 };

/**
 * The members that match, in the archive's order, and those that matching hard links are names of. Reads the index twice: what a
 * hard link is another name of comes before it.
 * @param open gives the compressed index from its beginning.
 * @throws RekindleError RK340 to RK342; what the source throws.
 */
export async function* findMembers(
  open: () => AsyncIterable<Buffer>,
  matcher: PathMatcher,
): AsyncGenerator<FoundMember> {
  const targets = await targetsOutside(open(), matcher);
  const wanted = (text: string, path: number): boolean =>
    matcher.matchesField(text, path) || (targets.size > 0 && targets.has(unescapeLatin1(fieldAt(text, path)) ?? ''));
  for await (const member of membersOf(open(), wanted))
    yield { member, matches: matcher.matches(member.path.toString('latin1')) };
}

/** What the matching hard links are names of, as far as it does not match itself. */
async function targetsOutside(source: AsyncIterable<Buffer>, matcher: PathMatcher): Promise<Set<string>> {
  const targets = new Set<string>();
  const isMatchingLink = (text: string, path: number, type: number): boolean =>
    text[type] === 'h' && matcher.matchesField(text, path);
  for await (const { linkPath } of membersOf(source, isMatchingLink)) {
    const target = linkPath?.toString('latin1') ?? '';
    if (!matcher.matches(target)) targets.add(target);
  }
  return targets;
}

/** @param wanted gets a text and where a member's path and type begin in it. */
async function* membersOf(
  source: AsyncIterable<Buffer>,
  wanted: (text: string, path: number, type: number) => boolean,
): AsyncGenerator<MemberRecord> {
  const filter: LineFilter = (text, start, end) => {
    if (text[start] !== 'M') return false;
    const type = fieldStart(text, start, column.type);
    const path = fieldStart(text, type, column.path - column.type);
    // Parsing names what is wrong with a line that has too few fields.
    return path > end || path < start || wanted(text, path, type);
  };
  for await (const records of readIndexBatches(source, filter))
    for (const record of records) if (record.kind === 'member') yield record;
}
