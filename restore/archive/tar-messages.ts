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

/** Sorts tar's standard error (LANG=C). Names are as tar quotes them. */
export function sortTarMessages(text: string): TarMessages {
  const messages: TarMessages = { notes: [], errors: [] };
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || withoutMeaning.some((pattern) => pattern.test(line))) continue;
    const plain = line.replace(/^tar: /, '');
    if (noteworthy.some((pattern) => pattern.test(line))) messages.notes.push(plain);
    else messages.errors.push(plain);
  }
  return messages;
}

/** The first few of many, with their number. */
export function summarize(lines: readonly string[], limit = 5): string {
  const rest = lines.length - limit;
  return lines.slice(0, limit).join('; ') + (rest > 0 ? `; and ${formatCount(rest)} more` : '');
}
