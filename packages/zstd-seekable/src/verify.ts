import { type DecodeOptions, decodeFrames } from './decode.ts';
import type { FrameDamage } from './error.ts';
import type { FramePlace, FrameTable } from './frame-table.ts';
import type { FrameSource } from './source.ts';

export interface VerifyOptions extends DecodeOptions {
  /** Decompress too, which checks zstd's own checksums; true when not given. */
  decompress?: boolean;
  /** Compare what comes out with the table's `contentSha256`; true when not given and the table has them. */
  content?: boolean;
  /** Called for each frame, sound or not, in order. */
  onFrame?: (place: FramePlace) => void;
}

/** Sizes in bytes. */
export interface VerifyTotals {
  frames: number;
  damaged: number;
  compressedSize: number;
  /** Of the uncompressed stream: what the damaged frames held. */
  missing: number;
}

/**
 * Checks frames on all cores and gives the damaged ones, in order; it goes on past each. Checked is all that the
 * table knows: sizes, structure, SHA-256 of the frame, zstd's checksum, SHA-256 of the content.
 * @throws SeekableError out-of-range, too-large; TypeError when these options would check nothing
 */
export async function* verifyFrames(
  source: FrameSource,
  table: FrameTable,
  options: VerifyOptions = {},
): AsyncGenerator<FrameDamage, VerifyTotals, void> {
  const { decompress = true, content = true, onFrame, ...rest } = options;
  const { sha256, contentSha256 } = table.columns;
  if (!decompress && !sha256 && table.length > 0)
    throw new TypeError('without decompressing, only digests can be checked, and this table has none');
  const checks = { digest: sha256, decompress, contentDigest: content && contentSha256 };
  const totals: VerifyTotals = { frames: 0, damaged: 0, compressedSize: 0, missing: 0 };
  for await (const { place, damage } of decodeFrames(source, table, checks, rest)) {
    totals.frames += 1;
    totals.compressedSize += place.compressedSize;
    onFrame?.(place);
    if (!damage) continue;
    totals.damaged += 1;
    totals.missing += place.uncompressedSize;
    yield damage;
  }
  return totals;
}
