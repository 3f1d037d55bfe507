import { RekindleError } from '../../../common/errors/error.ts';
import { assertPreamble, damaged, parseLine } from './index-lines.ts';
import type { EndRecord, FrameRecord, IndexRecord, MemberRecord } from './index-records.ts';
import { unpackedLines } from './unpacked-lines.ts';

/**
 * All records of a compressed index, in its order, checked as they come: kinds, fields, frames without gaps, members in order, and
 * at the end that nothing is missing. A consumer that stops early has not had the last check.
 * @throws RekindleError RK340 naming the line, RK341 when the index is incomplete, RK342; what `source` throws.
 */
export async function* readIndex(source: AsyncIterable<Buffer>): AsyncGenerator<IndexRecord> {
  for await (const records of readIndexBatches(source)) yield* records;
}

/** Looks at one line where it stands in a larger text: from `start` to its '\n' at `end`. In latin1: each character is one byte. */
export type LineFilter = (text: string, start: number, end: number) => boolean;

/**
 * The same in batches, and faster when only some records matter: a member's or attributes' line for which `wanted` is false is
 * counted, not parsed.
 */
export async function* readIndexBatches(
  source: AsyncIterable<Buffer>,
  wanted: LineFilter = () => true,
): AsyncGenerator<IndexRecord[]> {
  const check = new IndexCheck();
  const position = { line: 1 };
  for await (const text of unpackedLines(source, position)) {
    const records: IndexRecord[] = [];
    for (let start = 0; start < text.length; position.line += 1) {
      const end = text.indexOf('\n', start);
      if (!check.counts(text, start, position.line) || wanted(text, start, end)) {
        const record = parseLine(text.slice(start, end), position.line);
        if (record !== null) check.follow(record, position.line);
        if (record !== null) records.push(record);
      }
      start = end + 1;
    }
    yield records;
  }
  check.end();
}

const memberKind = 'M'.charCodeAt(0);
const attributesKind = 'A'.charCodeAt(0);
const commentKind = '#'.charCodeAt(0);

/** They say nothing of the archive: some hundred KiB of zstd can hold thousands of millions. */
const mostComments = 10_000;

/** What must hold from one line to the next. */
class IndexCheck {
  #members = 0;
  #attributes = 0;
  #frames = 0;
  #archiveEnd = 0;
  #tarEnd = 0;
  #memberEnd = 0;
  #comments = 0;
  #ended = false;

  /** Counts members and attributes; true for those. */
  counts(text: string, start: number, line: number): boolean {
    if (this.#ended) throw damaged(line, 'it stands after the last line');
    if (line === 1) assertPreamble(text.slice(0, text.indexOf('\n')));
    const kind = text.charCodeAt(start);
    if (kind === commentKind) this.#countComment(line);
    if (kind === memberKind) this.#members += 1;
    else if (kind === attributesKind) this.#attributes += 1;
    else return false;
    return true;
  }

  #countComment(line: number): void {
    this.#comments += 1;
    if (this.#comments > mostComments) throw damaged(line, `it is one of more than ${mostComments} comments`);
  }

  follow(record: IndexRecord, line: number): void {
    if (record.kind === 'member') this.#followMember(record, line);
    else if (record.kind === 'frame') this.#followFrame(record, line);
    else if (record.kind === 'end') this.#compare(record, line);
  }

  end(): void {
    if (!this.#ended) throw new RekindleError('RK341', 'its last line is missing');
  }

  #followMember({ offset, length }: MemberRecord, line: number): void {
    if (offset < this.#memberEnd || length === 0) throw damaged(line, 'the member overlaps the one before');
    this.#memberEnd = offset + length;
  }

  #followFrame(frame: FrameRecord, line: number): void {
    if (frame.number !== this.#frames || frame.tarOffset !== this.#tarEnd || frame.archiveOffset < this.#archiveEnd)
      throw damaged(line, 'the frame does not follow the one before');
    this.#frames += 1;
    this.#tarEnd += frame.tarSize;
    this.#archiveEnd = frame.archiveOffset + frame.archiveSize;
  }

  #compare(end: EndRecord, line: number): void {
    const same =
      end.members === this.#members &&
      end.attributes === this.#attributes &&
      end.frames === this.#frames &&
      end.tarSize === this.#tarEnd &&
      this.#memberEnd <= this.#tarEnd &&
      this.#archiveEnd <= end.archiveSize;
    if (!same) throw damaged(line, 'the totals are not those of the lines before');
    this.#ended = true;
  }
}
