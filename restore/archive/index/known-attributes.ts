import type { Attributes } from './attributes.ts';

/** What a file system of another type than the saved one can take: inode flags, and whether it has project ids. */
export interface KnownAttributes {
  flags: number;
  projects: boolean;
}

/** Common to ext, xfs, btrfs and f2fs: S, i, a, d, A. */
const common = 0x8 | 0x10 | 0x20 | 0x40 | 0x80;
/** What chattr(1) says of each: D everywhere but on xfs, c, m and C on btrfs. */
const known: Readonly<Record<string, KnownAttributes>> = {
  ext2: { flags: common | 0x10000 | 0x20000, projects: false },
  ext3: { flags: common | 0x10000 | 0x20000, projects: false },
  ext4: { flags: common | 0x10000 | 0x20000, projects: false },
  xfs: { flags: common, projects: true },
  btrfs: { flags: common | 0x10000 | 0x800000, projects: false },
  f2fs: { flags: common | 0x10000, projects: false },
};

/** @param type as blkid names it */
export function knownTo(type: string): KnownAttributes {
  return known[type] ?? { flags: 0, projects: false };
}

/** The records cut down to what a file system knows; those of which nothing is left are left out. Without `only` all of them. */
export async function* knownAttributes(
  records: AsyncIterable<Attributes>,
  only: KnownAttributes | undefined,
): AsyncGenerator<Attributes> {
  for await (const record of records) {
    const flags = only === undefined ? record.flags : record.flags & only.flags;
    const project = only === undefined || only.projects ? record.project : 0;
    if (flags !== 0 || project !== 0) yield { ...record, flags, project };
  }
}
