import { RekindleError } from '../../../common/errors/error.ts';
import { escapePath } from '../index/escape-path.ts';
import type { FoundMember } from '../index/find-members.ts';
import type { MemberRecord } from '../index/index-records.ts';
import type { TarMember } from '../index/tar-members.ts';
import type { Archive } from '../set-schema.ts';

/** Members come out as the index names them, and no others. The index is read beside the archive: few names wait at a time. */
export class PromisedNames {
  readonly #members: AsyncGenerator<FoundMember>;
  readonly #archive: Archive;
  #waiting: MemberRecord[] = [];
  #next = 0;
  /** Bytes of the members' stream that are known. */
  #reached = 0;
  #ended = false;

  constructor(members: AsyncGenerator<FoundMember>, archive: Archive) {
    this.#members = members;
    this.#archive = archive;
  }

  /** Reads on until all is known of the stream's first `bytes`. @throws what the index throws */
  async reach(bytes: number): Promise<void> {
    if (this.#next > 0) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    while (this.#reached < bytes && !this.#ended) {
      const { value, done } = await this.#members.next();
      if (done) this.#ended = true;
      else {
        this.#waiting.push(value.member);
        this.#reached += value.member.length;
      }
    }
  }

  /** @throws RekindleError RK375 */
  follow(found: TarMember): void {
    const promised = this.#waiting[this.#next];
    this.#next += 1;
    const isSame =
      promised?.path.equals(found.path) &&
      promised.type === found.type &&
      promised.length === found.length &&
      (promised.linkPath ?? Buffer.alloc(0)).equals(found.linkPath ?? Buffer.alloc(0));
    if (!isSame) throw this.#differs(`it has ${escapePath(found.path)}`, promised);
  }

  /** When all has passed, the end too. @throws RekindleError RK375 */
  end(): void {
    const promised = this.#waiting[this.#next];
    if (promised) throw this.#differs('it ends', promised);
  }

  async close(): Promise<void> {
    await this.#members.return(undefined);
  }

  #differs(words: string, promised: MemberRecord | undefined): RekindleError {
    const wanted = promised === undefined ? 'nothing more' : escapePath(promised.path);
    return new RekindleError('RK375', `${this.#archive.name}: where the index names ${wanted}, ${words}`);
  }
}
