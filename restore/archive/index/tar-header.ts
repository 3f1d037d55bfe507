import { isTime, type WholeNumber } from './whole-number.ts';

/** Size of a tar block in bytes. */
export const tarBlock = 512;

/** The stream is not a tar archive as GNU tar writes it. `offset`: of the block at fault, bytes from the stream's start. */
export class TarFormatError extends Error {
  override readonly name = 'TarFormatError';
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(`tar stream, byte ${offset}: ${reason}`);
    this.offset = offset;
  }
}

/** What one header block says for itself (tar(5), GNU tar's tar.h); pax records and long names may override it. */
export interface TarHeader {
  /** As in the archive: '0', '5', 'x', 'L' ... */
  typeflag: string;
  /** Content that follows, in bytes, without padding. */
  size: number;
  block: Buffer;
}

const zeros = Buffer.alloc(tarBlock);

/** Blocks of zeros end an archive. */
export function isZeroBlock(block: Buffer): boolean {
  return block[0] === 0 && block.equals(zeros);
}

/** Null: the field is blank. Octal text, or base 256 when the first byte is 0x80 (0xff: negative). */
function numberAt(block: Buffer, start: number, length: number): WholeNumber | null {
  const end = start + length;
  const first = block[start] ?? 0;
  if (first === 0x80 || first === 0xff) return base256(block.subarray(start + 1, end), first === 0xff);
  let at = start;
  while (at < end && block[at] === 0x20) at += 1;
  const digits = at;
  let value = 0;
  for (; at < end; at += 1) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  const after = at < end ? block[at] : 0;
  if (after !== 0 && after !== 0x20) return Number.NaN;
  return at === digits ? null : value;
}

function base256(bytes: Buffer, negative: boolean): WholeNumber {
  const value = BigInt(`0x${bytes.toString('hex')}`);
  const exact = negative ? value - (1n << BigInt(bytes.length * 8)) : value;
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

function checksumOf(block: Buffer): { unsigned: number; signed: number } {
  let sum = 0;
  let high = 0;
  for (let at = 0; at < tarBlock; at += 1) {
    const byte = block[at] ?? 0;
    sum += byte;
    high += byte >> 7;
  }
  for (let at = 148; at < 156; at += 1) {
    const byte = block[at] ?? 0;
    sum += 0x20 - byte;
    high -= byte >> 7;
  }
  return { unsigned: sum, signed: sum - 256 * high };
}

/** @throws TarFormatError where tar would skip the block and look for the next header. */
export function parseHeader(block: Buffer, offset: number): TarHeader {
  const stored = numberAt(block, 148, 8);
  const { unsigned, signed } = checksumOf(block);
  // Old tars summed up signed characters; GNU tar takes both.
  if (stored !== unsigned && stored !== signed) throw new TarFormatError(offset, 'this is not a header (its checksum)');
  const size = numberAt(block, 124, 12);
  // No stream holds more than a number does; of a sparse file this is what is stored of it.
  if (typeof size !== 'number' || !(size >= 0)) throw new TarFormatError(offset, 'the size in the header is no number');
  return { typeflag: String.fromCharCode(block[156] ?? 0), size, block };
}

/** Bytes up to the first NUL, copied: the block belongs to a larger buffer that must not be kept. */
function textAt(block: Buffer, start: number, length: number): Buffer {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end));
}

/** Name with its prefix, as POSIX's ustar splits it. */
export function headerPath({ block }: TarHeader): Buffer {
  const name = textAt(block, 0, 100);
  // 'ustar\0': GNU's own magic, 'ustar ', keeps other things in the prefix.
  if (block[345] === 0 || block.toString('latin1', 257, 263) !== 'ustar\0') return name;
  return Buffer.concat([textAt(block, 345, 155), Buffer.from('/'), name]);
}

export function headerLinkPath({ block }: TarHeader): Buffer {
  return textAt(block, 157, 100);
}

const fields = { mode: [100, 8], uid: [108, 8], gid: [116, 8] } as const;

/** A number of the header; a blank field is 0. @throws TarFormatError */
export function headerNumber({ block }: TarHeader, field: keyof typeof fields, offset: number): number {
  const [start, length] = fields[field];
  const value = numberAt(block, start, length) ?? 0;
  if (typeof value === 'bigint' || Number.isNaN(value))
    throw new TarFormatError(offset, `${field} in the header is no number`);
  return value;
}

/** Seconds since 1970; a blank field is 0. @throws TarFormatError */
export function headerTime({ block }: TarHeader, offset: number): string {
  const time = String(numberAt(block, 136, 12) ?? 0);
  if (!isTime(time)) throw new TarFormatError(offset, 'mtime in the header is no number');
  return time;
}

/** Bytes of content with its padding. */
export function paddedSize(size: number): number {
  return Math.ceil(size / tarBlock) * tarBlock;
}
