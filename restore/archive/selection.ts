import type { FrameTable } from '@rekindle/zstd-seekable';
import { type FoundMember, membersAt } from './index/find-members.ts';
import type { PathMatcher } from './index/path-matcher.ts';
import { indexBytes, type SetAccess } from './open-archive.ts';
import type { Archive } from './set-schema.ts';
import { TarRuns } from './tar-runs.ts';

/** So many members are kept; of more the index is read again. */
const fewMembers = 10_000;

/** What is taken of one archive. It can be gone through again and again, and takes no memory for a member. */
export class Selection {
  readonly archive: Archive;
  readonly table: FrameTable;
  readonly matcher: PathMatcher;
  readonly runs = new TarRuns();
  #few: FoundMember[] | null = [];

  constructor(archive: Archive, table: FrameTable, matcher: PathMatcher) {
    this.archive = archive;
    this.table = table;
    this.matcher = matcher;
  }

  /** In the archive's order. */
  add(found: FoundMember): void {
    this.runs.add(found.member);
    if (this.#few && this.#few.length < fewMembers) this.#few.push(found);
    else this.#few = null;
  }

  get isEmpty(): boolean {
    return this.#few?.length === 0;
  }

  /** @param runs some of them only @throws RekindleError RK340 to RK342; as openPart */
  async *members(access: SetAccess, runs = this.runs): AsyncGenerator<FoundMember> {
    if (this.#few) {
      for (const found of this.#few) if (runs.has(found.member.offset)) yield found;
      return;
    }
    for await (const member of membersAt(indexBytes(access, this.archive), (offset) => runs.has(offset)))
      yield { member, matches: this.matcher.matches(member.path.toString('latin1')) };
  }
}
