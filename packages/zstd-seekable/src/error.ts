/**
 * What stops a reader or a writer of seekable files.
 * - `no-seek-table`: the file does not end in a seek table; it was cut, or never had one
 * - `corrupt-seek-table`: there is one, and it contradicts itself, the file, or the table it is compared with
 * - `unsupported-seek-table`: it uses what format 0.1.0 reserves
 * - `damaged-frame`: `damage` says which and how
 * - `unreadable`: the source failed; `cause` has its error
 * - `out-of-range`: a frame or a byte was asked for that is not there
 * - `too-large`: more frames, or a larger frame, than the format or the memory holds
 * - `codec`: zstd or its worker thread failed on sound input
 */
export type SeekableReason =
  | 'no-seek-table'
  | 'corrupt-seek-table'
  | 'unsupported-seek-table'
  | 'damaged-frame'
  | 'unreadable'
  | 'out-of-range'
  | 'too-large'
  | 'codec';

/**
 * How a frame is damaged.
 * - `truncated`: the source ends before the frame does
 * - `unreadable`: the source failed there
 * - `structure`: the bytes are not one frame of the size that the table gives
 * - `digest`: their SHA-256 is another
 * - `content`: zstd cannot decompress them, or its own checksum is another
 * - `content-digest`: they decompress, but to something else than what was compressed
 */
export type DamageReason = 'truncated' | 'unreadable' | 'structure' | 'digest' | 'content' | 'content-digest';

/** A frame that cannot be used. Offsets and sizes in bytes. */
export interface FrameDamage {
  index: number;
  reason: DamageReason;
  /** What was expected and what was found. */
  detail: string;
  /** In the compressed file. */
  offset: number;
  compressedSize: number;
  /** In the uncompressed stream: what is missing. */
  uncompressedOffset: number;
  uncompressedSize: number;
  /** The source's error. */
  cause?: unknown;
}

export interface ErrorDetails {
  /** In the compressed file. */
  offset?: number;
  damage?: FrameDamage;
  cause?: unknown;
}

export class SeekableError extends Error {
  override readonly name = 'SeekableError';
  readonly reason: SeekableReason;
  readonly offset: number | undefined;
  readonly damage: FrameDamage | undefined;

  constructor(reason: SeekableReason, message: string, { offset, damage, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.offset = offset;
    this.damage = damage;
  }
}

export function damageError(damage: FrameDamage): SeekableError {
  const { index, detail, offset, cause } = damage;
  return new SeekableError('damaged-frame', `frame ${index} at offset ${offset}: ${detail}`, { offset, damage, cause });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
