import { numberOf } from './device.ts';
import { type Dump, type Field, headerNames, type Line } from './dump.ts';
import { decodeName } from './name.ts';

/** A line that `sfdisk -d` never writes. */
export class DumpSyntaxError extends Error {
  /** 1 for the first line. */
  readonly line: number;
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.name = 'DumpSyntaxError';
    this.line = line;
  }
}

const header = /^\s*([A-Za-z][\w-]*)\s*:\s*(.*?)\s*$/s;
/** The first colon before a field: names below /dev/disk/by-path hold colons of their own. */
const partition = /^(\S.*?)(\s*:\s*)(?=[A-Za-z-]+(?:=|\s*(?:,|$)))(.*?)(\s*)$/s;
/** One field up to the comma after it, or the end. Quotes inside of quotes: util-linux 2.26 did not escape them. */
const field = /\s*([A-Za-z-]+)(?:=\s*(?:"((?:[^"]|"(?!\s*(?:,|$)))*)"|([^,"]*)))?\s*(?=,|$)/y;

/**
 * Reads the output of `sfdisk -d` (util-linux 2.26 and later, and the `Id=` dumps from before). The text must be UTF-8,
 * decoded. Nothing is judged: see validateDump.
 * @throws DumpSyntaxError for a line that is neither header, partition, comment nor empty
 */
export function parseDump(text: string): Dump {
  const lines: Line[] = [];
  let disk: string | null = null;
  for (const [index, source] of text.split('\n').entries()) {
    const line = parseLine(source, index + 1, disk);
    if (line.kind === 'header' && line.name === 'device') disk = line.value;
    lines.push(line);
  }
  return { lines };
}

function parseLine(text: string, line: number, disk: string | null): Line {
  if (text.trim() === '' || text.trimStart().startsWith('#')) return { kind: 'other', text };
  const [, name, value = ''] = header.exec(text) ?? [];
  // sfdisk takes whatever holds a '=' for a partition; `disk1: start=2048` is none of a header.
  if (name !== undefined && (headerNames.includes(name) || !text.includes('=')))
    return { kind: 'header', name, value, text };
  const match = partition.exec(text);
  if (!match) throw new DumpSyntaxError(line, `neither a header nor a partition: ${JSON.stringify(text.slice(0, 60))}`);
  const [, device = '', separator = '', rest = '', tail = ''] = match;
  const number = numberOf(device, disk);
  if (number === null) throw new DumpSyntaxError(line, `${device} does not end in the number of a partition`);
  return { kind: 'partition', device, number, separator, fields: parseFields(rest, line), tail };
}

function parseFields(rest: string, line: number): Field[] {
  const fields: Field[] = [];
  for (let at = 0; ; ) {
    field.lastIndex = at;
    const match = field.exec(rest);
    if (!match) throw new DumpSyntaxError(line, `cannot read ${JSON.stringify(rest.slice(at, at + 40))}`);
    const [text, name = '', quoted, plain] = match;
    const value = quoted === undefined ? (plain?.trim() ?? null) : decodeName(quoted);
    fields.push({ name: name.toLowerCase(), value, text });
    at += text.length;
    if (at >= rest.length) return fields;
    at += 1; // the comma
  }
}
