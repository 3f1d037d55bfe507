import { numberOf } from './device.ts';
import type { Dump, Field, Line } from './dump.ts';
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

const header = /^([A-Za-z][\w-]*):(?:\s+(.*?))?\s*$/;
const partition = /^(\S.*?)(\s+:\s+)(?=\w+\s*(?:=|,|$))(.*)$/;
/** One field up to the comma after it, or the end: a quoted value may hold commas. */
const field = /\s*([A-Za-z-]+)\s*(?:=\s*(?:"([^"]*)"|([^,"]*)))?\s*(?=,|$)/y;

/**
 * Reads the output of `sfdisk -d` (util-linux 2.26 and later). Nothing is judged: see validateDump.
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
  const head = header.exec(text);
  if (head?.[1] !== undefined) return { kind: 'header', name: head[1], value: head[2] ?? '', text };
  const match = partition.exec(text);
  if (!match) throw new DumpSyntaxError(line, `neither a header nor a partition: ${JSON.stringify(text.slice(0, 60))}`);
  const [, device = '', separator = '', rest = ''] = match;
  const number = numberOf(device, disk);
  if (number === null) throw new DumpSyntaxError(line, `${device} does not name a partition of ${disk ?? 'a disk'}`);
  return { kind: 'partition', device, number, separator, fields: parseFields(rest, line) };
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
