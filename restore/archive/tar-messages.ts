import { formatCount } from '../../common/format.ts';

/** What GNU tar said on standard error, sorted by what it means for the archive. */
export interface TarMessages {
  /** Files that changed or vanished while read, sockets: the archive is good, people are told. */
  notes: string[];
  /** Anything else: the archive is not complete. */
  errors: string[];
}

const noteworthy = [
  /: file changed as we read it$/,
  /: File removed before we read it$/,
  /: socket ignored$/,
  /: door ignored$/,
];
const withoutMeaning = [
  /: Exiting with failure status due to previous errors$/,
  /: Removing leading /,
  /: The following options were used after/,
  /: Record size = /,
];

/**
 * Making an incremental archive, tar looks at all directories first, and later has other words for one that is gone by then. Its exit
 * code is 2.
 */
export function isVanished(line: string): boolean {
  return /^(tar: )?\.\/.+: (Warning: )?Cannot (stat|open|readlink): No such file or directory$/.test(line);
}

/** A subvolume that came into being since the layout was taken, or what a snapshot shows in place of one. */
const otherSubvolume = /: directory is on a different filesystem; not dumped$/;

/**
 * Sorts tar's standard error (LANG=C). Names are as tar quotes them.
 * @param from.listed of a tar that makes an incremental archive
 * @param from.subvolume of a btrfs
 */
export function sortTarMessages(
  text: string,
  { listed = false, subvolume = false }: { listed?: boolean; subvolume?: boolean } = {},
): TarMessages {
  const messages: TarMessages = { notes: [], errors: [] };
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || withoutMeaning.some((pattern) => pattern.test(line))) continue;
    const plain = line.replace(/^tar: /, '');
    const isNote =
      noteworthy.some((pattern) => pattern.test(line)) ||
      (listed && isVanished(line)) ||
      (subvolume && otherSubvolume.test(line));
    if (isNote) messages.notes.push(plain);
    else messages.errors.push(plain);
  }
  return messages;
}

/** The first few of many, with their number. */
export function summarize(lines: readonly string[], limit = 5): string {
  const rest = lines.length - limit;
  return lines.slice(0, limit).join('; ') + (rest > 0 ? `; and ${formatCount(rest)} more` : '');
}
