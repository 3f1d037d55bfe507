import type { BtrfsContent, BtrfsMember } from './btrfs-schema.ts';
import { type Resizer, withMargin } from './resizer.ts';

const mebibyte = 2 ** 20;
/** Block groups are made in pieces of up to a gigabyte: what is free may be bound in the wrong kind of them. */
const roomToAllocate = 256 * mebibyte;
/** An inode with its names, extents and checksums. */
const bytesPerFile = 1024;
const checksumShare = 1 / 512;

/** How often a byte is written. */
function copies(profile: string): number {
  return /dup|raid1$|raid10/.test(profile) ? 2 : profile === 'raid1c3' ? 3 : profile === 'raid1c4' ? 4 : 1;
}

/**
 * btrfs on one device, at another size: mkfs.btrfs takes what the device has. Compressed and shared data count as they are
 * unpacked: the files come back one by one. On several devices it keeps its sizes.
 */
export const btrfsResizer: Resizer<BtrfsContent | BtrfsMember> = {
  applies: (content) => content.kind === 'btrfs' && content.deviceCount === 1,

  minimumBytes(content, { bytes, files }) {
    if (content.kind === 'btrfs-member') return 0;
    const data = (bytes + files * content.sectorBytes) * copies(content.dataProfile);
    const metadata = (files * bytesPerFile + bytes * checksumShare) * copies(content.metadataProfile);
    return Math.ceil((withMargin(data + metadata) + roomToAllocate) / mebibyte) * mebibyte;
  },

  maximumBytes: () => Number.MAX_SAFE_INTEGER,

  at: (content) => content,
};
