import { run } from '../../../common/run.ts';

type Look = readonly [argv: readonly [string, ...string[]], keep: RegExp];

/** What a file system was made with, that its files do not show: by the tool that prints it, and the words that count. */
const looks: Readonly<Record<string, Look>> = {
  ext: [['dumpe2fs', '-h'], /^(Filesystem features|Inode size|Block size):.*$/gm],
  xfs: [
    ['xfs_info'],
    /\b(isize|bsize|sectsz|attr|projid32bit|crc|finobt|sparse|rmapbt|reflink|bigtime|inobtcount|nrext64|version|ascii-ci|ftype|lazy-count)=\d+/g,
  ],
  btrfs: [
    ['btrfs', 'inspect-internal', 'dump-super'],
    /^(csum_type|incompat_flags|compat_ro_flags|sectorsize|nodesize)\t.*$/gm,
  ],
};

/** States, not features: they come and go with a mount. */
const passing = /\b(needs_recovery|orphan_present)\b/g;

/** @param type as blkid says it; gives a line for each property, none for a type that has none worth a look */
export async function featuresOf(device: string, type: string): Promise<string[]> {
  const look = looks[type.startsWith('ext') ? 'ext' : type];
  if (look === undefined) return [];
  const [argv, keep] = look;
  const { stdout } = await run([...argv, device]);
  return [...stdout.matchAll(keep)].map(([words]) => words.replaceAll(passing, '').replaceAll(/\s+/g, ' ').trim());
}
