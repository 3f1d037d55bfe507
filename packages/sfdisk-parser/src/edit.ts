import { partitionDevice } from './device.ts';
import type { Dump, Field, Line } from './dump.ts';
import { encodeName } from './name.ts';
import { headerOf } from './read.ts';

/** Fields of a new partition, in sectors, spelled as sfdisk does. */
export interface PartitionFields {
  start: number;
  size: number;
  type: string;
  uuid?: string;
  name?: string;
  attributes?: readonly string[];
  bootable?: boolean;
}

type PartitionLine = Extract<Line, { kind: 'partition' }>;

const order = ['start', 'size', 'type', 'uuid', 'name', 'attrs', 'bootable'];
const numberWidth = 12;

/** A field in sfdisk's own spelling. */
function makeField(name: string, value: string | number | null): Field {
  if (value === null) return { name, value: null, text: ` ${name}` };
  if (typeof value === 'number')
    return { name, value: String(value), text: ` ${name}=${String(value).padStart(numberWidth)}` };
  const text = name === 'name' || name === 'attrs' ? `"${encodeName(value)}"` : value;
  return { name, value, text: ` ${name}=${text}` };
}

/** The separator already holds the space before the first field. */
function tidy(fields: readonly Field[]): Field[] {
  return fields.map((field, index) => (index === 0 ? { ...field, text: field.text.trimStart() } : field));
}

function editPartition(dump: Dump, number: number, edit: (line: PartitionLine) => PartitionLine): Dump {
  if (!dump.lines.some((line) => line.kind === 'partition' && line.number === number))
    throw new RangeError(`the dump has no partition ${number}`);
  return {
    lines: dump.lines.map((line) => (line.kind === 'partition' && line.number === number ? edit(line) : line)),
  };
}

/**
 * Sets one field of a partition: a number for start and size, text, true for a bare word (bootable); null removes it.
 * All else keeps its spelling. @throws RangeError when there is no such partition
 */
export function setField(dump: Dump, number: number, name: string, value: string | number | true | null): Dump {
  return editPartition(dump, number, (line) => {
    const made = value === null ? [] : [makeField(name, value === true ? null : value)];
    const at = line.fields.findIndex((field) => field.name === name);
    const rank = order.indexOf(name);
    const after = line.fields.findIndex((field) => order.indexOf(field.name) > rank);
    const fields =
      at >= 0
        ? line.fields.toSpliced(at, 1, ...made)
        : line.fields.toSpliced(after < 0 ? line.fields.length : after, 0, ...made);
    return { ...line, fields: tidy(fields) };
  });
}

/** Sets a header, adding it after the last one when it is new; null removes it. */
export function setHeader(dump: Dump, name: string, value: string | number | null): Dump {
  const line: Line = { kind: 'header', name, value: String(value), text: `${name}: ${value}` };
  const at = dump.lines.findIndex((candidate) => candidate.kind === 'header' && candidate.name === name);
  if (value === null) return { lines: dump.lines.filter((_, index) => index !== at) };
  if (at >= 0) return { lines: dump.lines.with(at, line) };
  const last = dump.lines.findLastIndex(({ kind }) => kind === 'header');
  return { lines: dump.lines.toSpliced(last + 1, 0, line) };
}

/** Writes the table for another disk: the device header and every partition's node. */
export function renameDisk(dump: Dump, disk: string): Dump {
  const renamed = dump.lines.map(
    (line): Line => (line.kind === 'partition' ? { ...line, device: partitionDevice(disk, line.number) } : line),
  );
  return setHeader({ lines: renamed }, 'device', disk);
}

/** @throws RangeError when there is no such partition */
export function removePartition(dump: Dump, number: number): Dump {
  const lines = dump.lines.filter((line) => line.kind !== 'partition' || line.number !== number);
  if (lines.length === dump.lines.length) throw new RangeError(`the dump has no partition ${number}`);
  return { lines };
}

/** Adds a partition behind the last one. @throws RangeError when the number is taken or the dump names no device */
export function addPartition(dump: Dump, number: number, values: PartitionFields): Dump {
  const disk = headerOf(dump, 'device');
  if (disk === null) throw new RangeError('the dump has no device header');
  if (dump.lines.some((line) => line.kind === 'partition' && line.number === number))
    throw new RangeError(`the dump already has a partition ${number}`);
  const fields = [makeField('start', values.start), makeField('size', values.size), makeField('type', values.type)];
  if (values.uuid !== undefined) fields.push(makeField('uuid', values.uuid));
  if (values.name) fields.push(makeField('name', values.name));
  if (values.attributes && values.attributes.length > 0) fields.push(makeField('attrs', values.attributes.join(' ')));
  if (values.bootable) fields.push(makeField('bootable', null));
  const device = partitionDevice(disk, number);
  const line: Line = { kind: 'partition', device, number, separator: ' : ', fields: tidy(fields) };
  const last = dump.lines.findLastIndex(({ kind }) => kind === 'partition');
  if (last >= 0) return { lines: dump.lines.toSpliced(last + 1, 0, line) };
  const header = dump.lines.findLastIndex(({ kind }) => kind === 'header');
  return {
    lines: [...dump.lines.slice(0, header + 1), { kind: 'other', text: '' }, line, { kind: 'other', text: '' }],
  };
}
