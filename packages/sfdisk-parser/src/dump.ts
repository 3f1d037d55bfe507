/** One `name=value` or bare word of a partition line, with the spelling that the dump has. */
export interface Field {
  /** Lower case: start, size, type (id in dumps from before util-linux 2.26), uuid, name, attrs, bootable. */
  readonly name: string;
  /** Without quotes and escapes; null for a bare word such as `bootable`. */
  readonly value: string | null;
  /** The exact text between the commas, spaces included. */
  readonly text: string;
}

/** `label: gpt` */
export interface HeaderLine {
  readonly kind: 'header';
  readonly name: string;
  /** Without the spaces around it; '' when there is none. */
  readonly value: string;
  /** The exact line, without the newline. */
  readonly text: string;
}

/** `/dev/sda1 : start=2048, size=4096, type=83` */
export interface PartitionLine {
  readonly kind: 'partition';
  readonly device: string;
  readonly number: number;
  /** Between the device and the first field: ' : '. */
  readonly separator: string;
  readonly fields: readonly Field[];
  /** Space behind the last field: '', or '\r' in a file that went through Windows. */
  readonly tail: string;
}

/** Empty, or a comment. */
export interface OtherLine {
  readonly kind: 'other';
  readonly text: string;
}

export type Line = HeaderLine | PartitionLine | OtherLine;

/** A partition as it is read from its line. Starts and sizes are in sectors of the dump's sector size. */
export interface Partition {
  /** 1 for the first line. */
  readonly line: number;
  readonly device: string;
  readonly number: number;
  /** Null when it is missing or no number. */
  readonly start: number | null;
  readonly size: number | null;
  /** As spelled: '83', 'C12A7328-...'. */
  readonly type: string | null;
  /** GPT: the partition's own GUID, as spelled. */
  readonly uuid: string | null;
  readonly name: string | null;
  /** GPT: the words between the quotes, 'GUID:60,63' being one. */
  readonly attributes: readonly string[];
  readonly bootable: boolean;
}

/** The output of `sfdisk -d`: all its lines, exact, and what they say. Immutable. */
export interface Dump {
  readonly lines: readonly Line[];
}

/** The headers that sfdisk knows (util-linux 2.38, libfdisk/src/script.c); it takes no other spelling. */
export const headerNames: readonly string[] = [
  'label',
  'label-id',
  'device',
  'unit',
  'first-lba',
  'last-lba',
  'table-length',
  'grain',
  'sector-size',
];

/** The dump's text, byte for byte as it was parsed where nothing was edited. */
export function printDump(dump: Dump): string {
  return dump.lines.map(printLine).join('\n');
}

function printLine(line: Line): string {
  if (line.kind !== 'partition') return line.text;
  return line.device + line.separator + line.fields.map(({ text }) => text).join(',') + line.tail;
}
