import type { F2fsContent } from './f2fs-superblock.ts';
import { type Load, type Resizer, withMargin } from './resizer.ts';

const mebibyte = 2 ** 20;

/** What kernels before 6.x can address: 2^22 segments of 2 MiB, twice. */
const mostBytes = 16 * 2 ** 40;

/**
 * The smallest device in bytes. A file takes a block for its node and may waste one; a node lists 1,018 blocks. What f2fs keeps
 * back for its cleaner grows with the root of the size; the bounds are from above, measured on sizes of 64 MiB to 8 TiB.
 */
export function f2fsMinimum({ bytes, files }: Load, { segmentsPerSection = 1, sectionsPerZone = 1 } = {}): number {
  const needed =
    withMargin(bytes * (1 + 1 / 1018) + files * 8192) / mebibyte + 16 * segmentsPerSection * sectionsPerZone;
  const perRoot = 5.5 * Math.sqrt(segmentsPerSection);
  // needed = size - perRoot * sqrt(size) - size / 500
  const share = 1 - 1 / 500;
  const root = (perRoot + Math.sqrt(perRoot ** 2 + 4 * share * needed)) / (2 * share);
  return Math.ceil(root ** 2) * mebibyte;
}

/** f2fs at another size: features and sections stay, what is kept back for its cleaner is chosen anew. */
export const f2fsResizer: Resizer<F2fsContent> = {
  minimumBytes: (content, load) => f2fsMinimum(load, content),

  maximumBytes: () => mostBytes,

  at(content, sizeBytes) {
    const blockCount = Math.floor(sizeBytes / content.blockBytes);
    if (blockCount === content.blockCount) return content;
    const { overprovisionPercent: _share, ...kept } = content;
    return { ...kept, blockCount };
  },
};
