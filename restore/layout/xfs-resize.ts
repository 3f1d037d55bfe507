import { type Resizer, withMargin } from './resizer.ts';
import type { XfsContent } from './xfs.ts';

const mebibyte = 2 ** 20;
/** mkfs.xfs makes none that are smaller, since version 5.19. */
const least = 300 * mebibyte;
/** Headers and trees of the allocation groups, and what they keep back for reverse mappings. */
const overhead = 0.04;

/** XFS at another size: features and block sizes stay; mkfs.xfs cuts the allocation groups anew. Inodes are made as they are needed. */
export const xfsResizer: Resizer<XfsContent> = {
  minimumBytes({ blockBytes, inodeBytes, log }, { bytes, files }) {
    const data = withMargin(bytes + files * (blockBytes + inodeBytes));
    const whole = data / (1 - overhead) + log.blocks * blockBytes;
    return Math.max(least, Math.ceil(whole / mebibyte) * mebibyte);
  },

  maximumBytes: () => Number.MAX_SAFE_INTEGER,

  at(content, sizeBytes) {
    const blockCount = Math.floor(sizeBytes / content.blockBytes);
    if (blockCount === content.blockCount) return content;
    const { groupBlocks: _groups, ...kept } = content;
    // The log must fit into one of four groups.
    const blocks = Math.min(content.log.blocks, Math.floor(blockCount / 6));
    return { ...kept, blockCount, log: { ...content.log, blocks } };
  },
};
