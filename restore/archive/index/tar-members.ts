import { type PaxRecords, parsePaxRecords } from './pax-records.ts';
import { SparseMap } from './sparse-map.ts';
import { isZeroBlock, paddedSize, parseHeader, TarFormatError, tarBlock } from './tar-header.ts';
import { assembleMember, noRecords, type TarMember } from './tar-member.ts';

export { TarFormatError } from './tar-header.ts';
export type { MemberType, TarMember } from './tar-member.ts';

/**
 * Names longer than this are not taken for names; pax headers hold all extended attributes of a file, and all names of a
 * directory (some millions). Bytes.
 */
const limits = { name: 1 << 20, pax: 256 << 20 };

/** Of records that hold for all members, each of which asks for them; GNU tar writes none by itself. Bytes of one header, keys together. */
const globalLimits = { size: 1 << 20, keys: 100 };

/** A block or a run of blocks that may be spread over chunks. */
interface Wanted {
  kind: 'header' | 'sparse map' | 'x' | 'X' | 'g' | 'L' | 'K';
  /** Without padding. */
  size: number;
}

const header: Wanted = { kind: 'header', size: tarBlock };
const sparseMap: Wanted = { kind: 'sparse map', size: tarBlock };

/**
 * Reads a tar stream as it passes by, in chunks of any size, and tells of each member before its content has passed. Content
 * is jumped over, only the maps of sparse files are read; memory is bounded by one header with its extensions.
 */
export class TarParser {
  readonly #onMember: (member: TarMember) => void;
  /** Of the next byte to look at. */
  #offset = 0;
  /** Content and padding still to pass. */
  #skip = 0;
  #wanted = header;
  /** The part of it that earlier chunks brought. */
  #part = Buffer.alloc(0);
  #filled = 0;
  /** Where the coming member's first block lies. */
  #start = 0;
  readonly #global = new Map<string, string>();
  #local: PaxRecords = noRecords;
  #longPath: Buffer | null = null;
  #longLinkPath: Buffer | null = null;
  #sparseMap: SparseMap | null = null;
  #zeroBlocks = 0;

  /** Offset behind the two blocks of zeros that end the archive; null: they have not come yet. Bytes. */
  archiveEnd: number | null = null;

  /** @param onMember may throw; `push` passes that on. */
  constructor(onMember: (member: TarMember) => void) {
    this.#onMember = onMember;
  }

  /** @throws TarFormatError; nothing can be pushed after that. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, chunk.length - at);
        this.#skip -= passed;
        this.#offset += passed;
        at += passed;
      } else at += this.#gather(chunk, at);
    }
  }

  /** Call it after the last chunk. @throws TarFormatError when the archive is not complete. */
  end(): void {
    const inside = this.#skip > 0 || this.#filled > 0 || this.#wanted !== header;
    if (inside || this.#zeroBlocks < 2)
      throw new TarFormatError(this.#offset, 'the stream ends before its archive does');
  }

  /** Takes what is wanted from the chunk, whole or in part. Gives the number of bytes taken. */
  #gather(chunk: Buffer, at: number): number {
    const total = paddedSize(this.#wanted.size);
    if (this.#filled === 0 && chunk.length - at >= total) {
      this.#offset += total;
      this.#take(chunk.subarray(at, at + total));
      return total;
    }
    if (this.#filled === 0 && this.#part.length !== total) this.#part = Buffer.alloc(total);
    const copied = chunk.copy(this.#part, this.#filled, at);
    this.#filled += copied;
    this.#offset += copied;
    if (this.#filled === total) {
      this.#filled = 0;
      this.#take(this.#part);
    }
    return copied;
  }

  #take(bytes: Buffer): void {
    const { kind, size } = this.#wanted;
    const offset = this.#offset - bytes.length;
    this.#wanted = header;
    if (kind === 'header') this.#takeHeader(bytes, offset);
    else if (kind === 'sparse map') this.#takeSparseMap(bytes, offset);
    else if (kind === 'L') this.#longPath = longName(bytes, size);
    else if (kind === 'K') this.#longLinkPath = longName(bytes, size);
    else if (kind === 'g') this.#takeGlobal(parsePaxRecords(bytes.subarray(0, size), offset), offset);
    else this.#local = parsePaxRecords(bytes.subarray(0, size), offset);
  }

  #takeGlobal(records: PaxRecords, offset: number): void {
    for (const [key, value] of records) this.#global.set(key, value);
    if (this.#global.size > globalLimits.keys)
      throw new TarFormatError(offset, `more than ${globalLimits.keys} records for all members`);
  }

  #takeHeader(block: Buffer, offset: number): void {
    if (isZeroBlock(block)) {
      if (this.#hasExtensions()) throw new TarFormatError(offset, 'the archive ends where a member was announced');
      this.#zeroBlocks += 1;
      if (this.#zeroBlocks === 2) this.archiveEnd = offset + tarBlock;
      return;
    }
    if (this.#zeroBlocks > 0) throw new TarFormatError(offset, 'something follows the end of the archive');
    const parsed = parseHeader(block, offset);
    const { typeflag, size } = parsed;
    if (typeflag !== 'g' && !this.#hasExtensions()) this.#start = offset;
    if (typeflag === 'x' || typeflag === 'X' || typeflag === 'g' || typeflag === 'L' || typeflag === 'K') {
      if (size === 0 || size > largestOf(typeflag))
        throw new TarFormatError(offset, `an extended header (${typeflag}) of ${size} bytes`);
      this.#wanted = { kind: typeflag, size };
      return;
    }
    const before = {
      global: this.#global,
      local: this.#local,
      longPath: this.#longPath,
      longLinkPath: this.#longLinkPath,
    };
    const { member, sparse } = assembleMember(parsed, before, offset, this.#start);
    this.#local = noRecords;
    this.#longPath = null;
    this.#longLinkPath = null;
    if (sparse) {
      this.#sparseMap = new SparseMap(member.size);
      this.#wanted = sparseMap;
    } else this.#skip = paddedSize(member.size);
    this.#onMember(member);
  }

  #takeSparseMap(block: Buffer, offset: number): void {
    const left = this.#sparseMap?.take(block, offset) ?? null;
    if (left === null) this.#wanted = sparseMap;
    else this.#skip = left;
  }

  #hasExtensions(): boolean {
    return this.#local !== noRecords || this.#longPath !== null || this.#longLinkPath !== null;
  }
}

function largestOf(typeflag: 'x' | 'X' | 'g' | 'L' | 'K'): number {
  if (typeflag === 'g') return globalLimits.size;
  return typeflag === 'L' || typeflag === 'K' ? limits.name : limits.pax;
}

function longName(bytes: Buffer, size: number): Buffer {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end < 0 ? size : Math.min(end, size)));
}

/** The members of a tar stream, in its order. @throws TarFormatError naming the offset, also when the stream is cut short. */
export async function* tarMembers(stream: AsyncIterable<Buffer>): AsyncGenerator<TarMember> {
  let found: TarMember[] = [];
  const parser = new TarParser((member) => found.push(member));
  for await (const chunk of stream) {
    parser.push(chunk);
    yield* found;
    found = [];
  }
  parser.end();
}
