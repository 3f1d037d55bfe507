import { RekindleError } from '../../../common/errors/error.ts';
import { readIndexBatches } from './index-reader.ts';
import type { FrameRecord } from './index-records.ts';

/** Bytes of one digest in `sha256` and `tarSha256`. */
export const digestSize = 32;

/** All frames of an archive, packed: 88 bytes each. Offsets and sizes in bytes. */
export interface FrameTable {
  count: number;
  archiveOffset: Float64Array;
  archiveSize: Uint32Array;
  tarOffset: Float64Array;
  tarSize: Uint32Array;
  /** Digest of frame n: bytes n * 32 to n * 32 + 31. */
  sha256: Uint8Array;
  tarSha256: Uint8Array;
  /** Of the whole archive. */
  totalTarSize: number;
  totalArchiveSize: number;
}

/** Reads the frames of a compressed index. @throws RekindleError RK340, RK341, RK342; what `source` throws. */
export async function readFrameTable(source: AsyncIterable<Buffer>): Promise<FrameTable> {
  let table = grown(null, 1024);
  for await (const records of readIndexBatches(source, () => false)) {
    for (const record of records) {
      if (record.kind === 'frame') {
        if (table.count === table.archiveOffset.length) table = grown(table, table.count * 2);
        put(table, record);
      } else if (record.kind === 'end') {
        table.totalTarSize = record.tarSize;
        table.totalArchiveSize = record.archiveSize;
      }
    }
  }
  return table;
}

function grown(old: FrameTable | null, capacity: number): FrameTable {
  const table = {
    count: old?.count ?? 0,
    archiveOffset: new Float64Array(capacity),
    archiveSize: new Uint32Array(capacity),
    tarOffset: new Float64Array(capacity),
    tarSize: new Uint32Array(capacity),
    sha256: new Uint8Array(capacity * digestSize),
    tarSha256: new Uint8Array(capacity * digestSize),
    totalTarSize: 0,
    totalArchiveSize: 0,
  };
  if (old === null) return table;
  table.archiveOffset.set(old.archiveOffset);
  table.archiveSize.set(old.archiveSize);
  table.tarOffset.set(old.tarOffset);
  table.tarSize.set(old.tarSize);
  table.sha256.set(old.sha256);
  table.tarSha256.set(old.tarSha256);
  return table;
}

function put(table: FrameTable, frame: FrameRecord): void {
  const { count } = table;
  if (Math.max(frame.archiveSize, frame.tarSize) > 0xffffffff)
    throw new RekindleError('RK340', `frame ${frame.number} is larger than 4 GiB`);
  table.archiveOffset[count] = frame.archiveOffset;
  table.archiveSize[count] = frame.archiveSize;
  table.tarOffset[count] = frame.tarOffset;
  table.tarSize[count] = frame.tarSize;
  table.sha256.set(Buffer.from(frame.sha256, 'hex'), count * digestSize);
  table.tarSha256.set(Buffer.from(frame.tarSha256, 'hex'), count * digestSize);
  table.count += 1;
}

/** The frame that holds a byte of the tar stream. @throws RekindleError RK340 beyond the last frame. */
export function frameAt(table: FrameTable, tarOffset: number): number {
  if (tarOffset < 0 || tarOffset >= table.totalTarSize)
    throw new RekindleError('RK340', `byte ${tarOffset} of the tar stream lies in no frame`);
  let low = 0;
  let high = table.count - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((table.tarOffset[middle] ?? 0) <= tarOffset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** First and last frame (inclusive) that a part of the tar stream, such as a member, lies in. @throws RekindleError RK340 */
export function framesOf(part: { offset: number; length: number }, table: FrameTable): { first: number; last: number } {
  return { first: frameAt(table, part.offset), last: frameAt(table, part.offset + part.length - 1) };
}
