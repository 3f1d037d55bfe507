/** One `name=value` or bare word of a partition line, with the spelling that the dump has. */
export interface Field {
  /** Lower case: start, size, type, uuid, name, attrs, bootable. */
  readonly name: string;
  /** Without quotes and escapes; null for a bare word such as `bootable`. */
  readonly value: string | null;
  /** The exact text between the commas, spaces included. */
  readonly text: string;
}

/** One line of a dump; `text` is exact and without the newline. */
export type Line =
  | { readonly kind: 'header'; readonly name: string; readonly value: string; readonly text: string }
  | {
      readonly kind: 'partition';
      readonly device: string;
      readonly number: number;
      /** Between the device and the first field: ' : '. */
      readonly separator: string;
      readonly fields: readonly Field[];
    }
  /** Empty, or a comment. */
  | { readonly kind: 'other'; readonly text: string };

/** A partition as it is read from its line. Starts and sizes are in sectors of the dump's sector size. */
export interface Partition {
  /** 1 for the first line. */
  readonly line: number;
  readonly device: string;
  readonly number: number;
  readonly start: number | null;
  readonly size: number | null;
  /** As spelled: '83', 'C12A7328-...'. */
  readonly type: string | null;
  /** GPT: the partition's own GUID, as spelled. */
  readonly uuid: string | null;
  readonly name: string | null;
  /** GPT: the words between the quotes. */
  readonly attributes: readonly string[];
  readonly bootable: boolean;
}

/** The output of `sfdisk -d`: all its lines, exact, and what they say. Immutable. */
export interface Dump {
  readonly lines: readonly Line[];
}

/** The dump's text, byte for byte as it was parsed where nothing was edited. */
export function printDump(dump: Dump): string {
  return dump.lines.map(printLine).join('\n');
}

function printLine(line: Line): string {
  if (line.kind !== 'partition') return line.text;
  return line.device + line.separator + line.fields.map(({ text }) => text).join(',');
}
