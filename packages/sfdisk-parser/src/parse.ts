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

// Each expression looks at a character a few times at the most, however long the line is and whatever it is made of.
const header = /^\s*([A-Za-z][\w-]*)\s*:(.*)$/s;
/** What stands behind the colon that a partition's fields follow. */
const fieldsBegin = /\s*(?=[A-Za-z-]+(?:=|\s*(?:,|$)))/y;
/** A field's name, and the blanks before its value where it has one. */
const fieldName = /\s*([A-Za-z-]+)(=\s*)?/y;
const plainValue = /[^,"]*/y;
/** A closing quote. Quotes inside of quotes: util-linux 2.26 did not escape them. */
const quoteEnd = /"(?=\s*(?:,|$))/g;
const blanksToComma = /\s*(?=,|$)/y;

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
    return { kind: 'header', name, value: value.trim(), text };
  const match = splitPartition(text);
  if (match === null)
    throw new DumpSyntaxError(line, `neither a header nor a partition: ${JSON.stringify(text.slice(0, 60))}`);
  const { device, separator, rest, tail } = match;
  const number = numberOf(device, disk);
  if (number === null) throw new DumpSyntaxError(line, `${device} does not end in the number of a partition`);
  return { kind: 'partition', device, number, separator, fields: parseFields(rest, line), tail };
}

/** At the first colon before a field: names below /dev/disk/by-path hold colons of their own. */
function splitPartition(text: string): { device: string; separator: string; rest: string; tail: string } | null {
  if (/^\s/.test(text)) return null;
  for (let colon = text.indexOf(':', 1); colon > 0; colon = text.indexOf(':', colon + 1)) {
    const begin = matchAt(fieldsBegin, text, colon + 1);
    if (begin === null) continue;
    const start = colon + 1 + begin[0].length;
    const device = text.slice(0, colon).trimEnd();
    const rest = text.slice(start).trimEnd();
    return { device, separator: text.slice(device.length, start), rest, tail: text.slice(start + rest.length) };
  }
  return null;
}

function parseFields(rest: string, line: number): Field[] {
  const fields: Field[] = [];
  for (let at = 0; ; ) {
    const field = readField(rest, at);
    if (field === null) throw new DumpSyntaxError(line, `cannot read ${JSON.stringify(rest.slice(at, at + 40))}`);
    fields.push(field);
    at += field.text.length;
    if (at >= rest.length) return fields;
    at += 1; // the comma
  }
}

/** One field up to the comma after it, or the end; null when it is none. */
function readField(rest: string, start: number): Field | null {
  const [begin = '', name = '', equals] = matchAt(fieldName, rest, start) ?? [];
  if (name === '') return null;
  let at = start + begin.length;
  let value: string | null = null;
  if (equals !== undefined && rest[at] === '"') {
    quoteEnd.lastIndex = at + 1;
    const end = quoteEnd.exec(rest)?.index;
    if (end === undefined) return null;
    value = decodeName(rest.slice(at + 1, end));
    at = end + 1;
  } else if (equals !== undefined) {
    const plain = matchAt(plainValue, rest, at)?.[0] ?? '';
    value = plain.trim();
    at += plain.length;
  }
  const blanks = matchAt(blanksToComma, rest, at);
  return blanks === null ? null : { name: name.toLowerCase(), value, text: rest.slice(start, at + blanks[0].length) };
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}
