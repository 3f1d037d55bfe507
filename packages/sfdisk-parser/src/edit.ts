import { partitionDevice } from './device.ts';
import type { Dump, Field, HeaderLine, Line, PartitionLine } from './dump.ts';
import { encodeName } from './name.ts';
import { headerOf } from './read.ts';

/** Fields of a new partition, spelled as sfdisk does. */
export interface PartitionFields {
  /** In sectors, as `size`. */
  start: number;
  size: number;
  /** '83', or a GUID. */
  type: string;
  uuid?: string;
  name?: string;
  /** 'RequiredPartition', 'GUID:60,63'. */
  attributes?: readonly string[];
  bootable?: boolean;
}

/** In the order in which sfdisk writes them. */
const fieldNames = ['start', 'size', 'type', 'uuid', 'name', 'attrs', 'bootable'] as const;
export type FieldName = (typeof fieldNames)[number];

const numberWidth = 12;

/** A field in sfdisk's own spelling; true is a bare word. */
function makeField(name: string, value: string | number | true): Field {
  if (value === true) return { name, value: null, text: ` ${name}` };
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name}=${value} is no number of sectors`);
    return { name, value: String(value), text: ` ${name}=${String(value).padStart(numberWidth)}` };
  }
  if (name === 'name' || name === 'attrs') return { name, value, text: ` ${name}="${encodeName(value)}"` };
  if (!/^[^\s,;"=]+$/.test(value)) throw new RangeError(`${name}=${JSON.stringify(value)} cannot stand in a dump`);
  return { name, value, text: ` ${name === 'id' ? 'Id' : name}=${value}` };
}

/** The separator holds the space before the first field. */
function withoutSpace(field: Field): Field {
  return { ...field, text: field.text.trimStart() };
}

/** Replaces fields from `at` on; the first one's space moves with its place. */
function splice(fields: readonly Field[], at: number, removed: number, added: readonly Field[]): Field[] {
  const [first, ...rest] = fields;
  const spaced = first && at === 0 ? [{ ...first, text: ` ${first.text}` }, ...rest] : fields;
  const [newFirst, ...newRest] = spaced.toSpliced(at, removed, ...added);
  return newFirst ? [withoutSpace(newFirst), ...newRest] : [];
}

/**
 * Sets one field of a partition: a number for start and size, text, true for a bare word (bootable); null removes it.
 * All else keeps its spelling; `type` is the `Id` of an old dump.
 * @throws RangeError when there is no such partition, or the value cannot be written
 */
export function setField(dump: Dump, number: number, name: FieldName, value: string | number | true | null): Dump {
  if (!dump.lines.some((line) => line.kind === 'partition' && line.number === number))
    throw new RangeError(`the dump has no partition ${number}`);
  const edit = (line: Line): Line =>
    line.kind === 'partition' && line.number === number ? withField(line, name, value) : line;
  return { lines: dump.lines.map(edit) };
}

function withField(line: PartitionLine, name: FieldName, value: string | number | true | null): PartitionLine {
  const at = line.fields.findLastIndex((field) => field.name === name || (name === 'type' && field.name === 'id'));
  const made = value === null ? [] : [makeField(line.fields[at]?.name ?? name, value)];
  if (at >= 0) return { ...line, fields: splice(line.fields, at, 1, made) };
  const later: readonly string[] = fieldNames.slice(fieldNames.indexOf(name) + 1);
  const before = line.fields.findIndex((field) => later.includes(field.name));
  return { ...line, fields: splice(line.fields, before < 0 ? line.fields.length : before, 0, made) };
}

/**
 * Sets a header, adding it after the last one when it is new; null removes it.
 * @throws RangeError when the value cannot be written
 */
export function setHeader(dump: Dump, name: string, value: string | number | null): Dump {
  const at = dump.lines.findLastIndex((line) => line.kind === 'header' && line.name === name);
  if (value === null) return { lines: dump.lines.filter((line) => line.kind !== 'header' || line.name !== name) };
  if (!/^[^\s=](?:[^\n=]*[^\s=])?$/.test(String(value)))
    throw new RangeError(`${name}: ${JSON.stringify(value)} cannot stand in a dump`);
  const last = at >= 0 ? at : dump.lines.findLastIndex(({ kind }) => kind === 'header');
  const text = `${name}: ${value}${tailOf(dump.lines[last])}`;
  const line: HeaderLine = { kind: 'header', name, value: String(value), text };
  return { lines: at >= 0 ? dump.lines.with(at, line) : dump.lines.toSpliced(last + 1, 0, line) };
}

/** New lines end as their neighbours do. */
function tailOf(line: Line | undefined): string {
  if (line?.kind === 'partition') return line.tail;
  return line?.text.endsWith('\r') ? '\r' : '';
}

/**
 * Writes the table for another disk: the device header and every partition's node.
 * @throws RangeError for a name that cannot stand in a dump
 */
export function renameDisk(dump: Dump, disk: string): Dump {
  const renamed = dump.lines.map(
    (line): Line => (line.kind === 'partition' ? { ...line, device: partitionDevice(disk, line.number) } : line),
  );
  return setHeader({ lines: renamed }, 'device', disk);
}

/**
 * Takes a partition out. The others keep their numbers, but sfdisk numbers logical ones from 5 without gaps.
 * @throws RangeError when there is no such partition
 */
export function removePartition(dump: Dump, number: number): Dump {
  const lines = dump.lines.filter((line) => line.kind !== 'partition' || line.number !== number);
  if (lines.length === dump.lines.length) throw new RangeError(`the dump has no partition ${number}`);
  return { lines };
}

/**
 * Adds a partition before the first one with a higher number, or behind the last one.
 * @throws RangeError when the number is taken, or a value cannot be written
 */
export function addPartition(dump: Dump, number: number, values: PartitionFields): Dump {
  if (!Number.isSafeInteger(number) || number < 1) throw new RangeError(`${number} is no number of a partition`);
  if (dump.lines.some((line) => line.kind === 'partition' && line.number === number))
    throw new RangeError(`the dump already has a partition ${number}`);
  const fields = [makeField('start', values.start), makeField('size', values.size), makeField('type', values.type)];
  if (values.uuid !== undefined) fields.push(makeField('uuid', values.uuid));
  if (values.name) fields.push(makeField('name', values.name));
  if (values.attributes && values.attributes.length > 0) fields.push(makeField('attrs', values.attributes.join(' ')));
  if (values.bootable) fields.push(makeField('bootable', true));
  const device = partitionDevice(headerOf(dump, 'device') ?? '', number);
  const place = placeFor(dump, number);
  const tail = tailOf(dump.lines[place.at - 1]);
  const line: PartitionLine = {
    kind: 'partition',
    device,
    number,
    separator: ' : ',
    fields: splice([], 0, 0, fields),
    tail,
  };
  const added: Line[] = place.blank ? [{ kind: 'other', text: tail }, line] : [line];
  return { lines: dump.lines.toSpliced(place.at, 0, ...added) };
}

/** Where a partition's line goes, and whether a blank line has to go before it. */
function placeFor(dump: Dump, number: number): { at: number; blank: boolean } {
  const higher = dump.lines.findIndex((line) => line.kind === 'partition' && line.number > number);
  if (higher >= 0) return { at: higher, blank: false };
  const last = dump.lines.findLastIndex(({ kind }) => kind === 'partition');
  if (last >= 0) return { at: last + 1, blank: false };
  const at = dump.lines.findLastIndex(({ kind }) => kind === 'header') + 1;
  // The empty text behind the last newline is no blank line.
  const line = dump.lines[at];
  if (line?.kind === 'other' && line.text.trim() === '' && at + 1 < dump.lines.length)
    return { at: at + 1, blank: false };
  return { at, blank: at > 0 };
}
