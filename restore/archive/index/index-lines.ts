import { RekindleError } from '../../../common/errors/error.ts';
import { escapePath, unescapeLatin1 } from './escape-path.ts';
import type {
  AttributeRecord,
  EndRecord,
  FrameRecord,
  IndexRecord,
  MemberRecord,
  NameRecord,
} from './index-records.ts';
import { memberTypes, type TarMember } from './tar-member.ts';
import { isTime, parseWholeNumber, type WholeNumber } from './whole-number.ts';

const magic = 'rekindle-index';
const version = 2;

/** First line, and the columns for a person who reads it; other readers pass over lines with '#'. */
export const preamble = `${magic} ${version}
# F\tframe\tarchive-offset\tarchive-size\ttar-offset\ttar-size\tsha256-of-archive-bytes\tsha256-of-tar-bytes
# M\ttar-offset\ttar-length\ttype\tmode\tuid\tgid\tsize\tmtime\tpath\tlink-target
# A\tinode-flags\tproject-id\tpath
# L\tfile\tone-of-its-names
# N\tnote
# E\tmembers\tattributes\tframes\ttar-size\tarchive-size
`;

export function frameLine(frame: FrameRecord): string {
  const place = `${frame.number}\t${frame.archiveOffset}\t${frame.archiveSize}\t${frame.tarOffset}\t${frame.tarSize}`;
  return `F\t${place}\t${frame.sha256}\t${frame.tarSha256}\n`;
}

export function memberLine(member: TarMember): string {
  const { offset, length, type, mode, uid, gid, realSize, mtime, path, linkPath } = member;
  const link = linkPath === null ? '' : `\t${escapePath(linkPath)}`;
  const numbers = `${offset}\t${length}\t${type}\t${mode.toString(8)}\t${uid}\t${gid}\t${realSize}\t${mtime}`;
  return `M\t${numbers}\t${escapePath(path)}${link}\n`;
}

export function attributeLine({ flags, project, path }: Omit<AttributeRecord, 'kind'>): string {
  return `A\t${flags.toString(16)}\t${project}\t${escapePath(path)}\n`;
}

export function nameLine({ file, path }: Omit<NameRecord, 'kind'>): string {
  return `L\t${file}\t${escapePath(path)}\n`;
}

export function noteLine(text: string): string {
  return `N\t${escapePath(Buffer.from(text))}\n`;
}

export function endLine({ members, attributes, frames, tarSize, archiveSize }: Omit<EndRecord, 'kind'>): string {
  return `E\t${members}\t${attributes}\t${frames}\t${tarSize}\t${archiveSize}\n`;
}

export function damaged(line: number, reason: string): RekindleError {
  return new RekindleError('RK340', `line ${line}: ${reason}`);
}

/** @throws RekindleError RK340, RK342 */
export function assertPreamble(line: string): void {
  const found = line.startsWith(`${magic} `) ? parseWholeNumber(line.slice(magic.length + 1)) : null;
  if (found === null) throw damaged(1, 'this is not an index of Rekindle');
  if (found > version) throw new RekindleError('RK342', `index format ${found}, this version reads format ${version}`);
  if (found < version) throw damaged(1, `index format ${found} never existed`);
}

/**
 * One line as a record; null for the first one and comments.
 * @param line in latin1: each character stands for one byte. @throws RekindleError RK340 naming the line.
 */
export function parseLine(line: string, number: number): IndexRecord | null {
  const fields = line.split('\t');
  switch (fields[0]) {
    case 'M':
      return parseMember(fields, number);
    case 'F':
      return parseFrame(fields, number);
    case 'A':
      return parseAttributes(fields, number);
    case 'L':
      if (fields.length !== 3) throw damaged(number, 'it is no name of a file');
      return { kind: 'name', file: numberField(fields[1], number), path: pathField(fields[2], number) };
    case 'N':
      if (fields.length !== 2) throw damaged(number, 'it is no note');
      return { kind: 'note', text: pathField(fields[1], number).toString('utf8') };
    case 'E':
      return parseEnd(fields, number);
  }
  if (line.startsWith('#') || (number === 1 && line.startsWith(`${magic} `))) return null;
  throw damaged(number, 'it is of no known kind');
}

function parseMember(fields: readonly string[], line: number): MemberRecord {
  const type = memberTypes.find((each) => each === fields[3]);
  const isLink = type === 'h' || type === 'l';
  if (type === undefined || fields.length !== (isLink ? 11 : 10)) throw damaged(line, 'it is no member');
  const mtime = fields[8] ?? '';
  const mode = fields[4] ?? '';
  if (!isTime(mtime) || !/^[0-7]{1,4}$/.test(mode)) throw damaged(line, 'mode or time is malformed');
  return {
    kind: 'member',
    path: pathField(fields[9], line),
    type,
    size: wholeNumberField(fields[7], line),
    linkPath: isLink ? pathField(fields[10], line) : null,
    mode: Number.parseInt(mode, 8),
    uid: numberField(fields[5], line),
    gid: numberField(fields[6], line),
    mtime: ownText(mtime),
    offset: numberField(fields[1], line),
    length: numberField(fields[2], line),
  };
}

function parseFrame(fields: readonly string[], line: number): FrameRecord {
  if (fields.length !== 8) throw damaged(line, 'it is no frame');
  const [, , , , , , sha256 = '', tarSha256 = ''] = fields;
  if (!/^[0-9a-f]{64}$/.test(sha256) || !/^[0-9a-f]{64}$/.test(tarSha256)) throw damaged(line, 'a digest is malformed');
  return {
    kind: 'frame',
    number: numberField(fields[1], line),
    archiveOffset: numberField(fields[2], line),
    archiveSize: numberField(fields[3], line),
    tarOffset: numberField(fields[4], line),
    tarSize: numberField(fields[5], line),
    sha256: ownText(sha256),
    tarSha256: ownText(tarSha256),
  };
}

function parseAttributes(fields: readonly string[], line: number): AttributeRecord {
  const flags = fields[1] ?? '';
  if (fields.length !== 4 || !/^[0-9a-f]{1,8}$/.test(flags)) throw damaged(line, 'it holds no attributes');
  return {
    kind: 'attributes',
    path: pathField(fields[3], line),
    flags: Number.parseInt(flags, 16),
    project: numberField(fields[2], line),
  };
}

function parseEnd(fields: readonly string[], line: number): EndRecord {
  if (fields.length !== 6) throw damaged(line, 'it is no end');
  return {
    kind: 'end',
    members: numberField(fields[1], line),
    attributes: numberField(fields[2], line),
    frames: numberField(fields[3], line),
    tarSize: numberField(fields[4], line),
    archiveSize: numberField(fields[5], line),
  };
}

function pathField(field: string | undefined, line: number): Buffer {
  const bytes = unescapeLatin1(field ?? '');
  if (bytes === null || bytes === '') throw damaged(line, 'a path is malformed');
  return Buffer.from(bytes, 'latin1');
}

function wholeNumberField(field: string | undefined, line: number): WholeNumber {
  const value = parseWholeNumber(field ?? '');
  if (value === null) throw damaged(line, `${JSON.stringify(field ?? '')} is no number`);
  return value;
}

function numberField(field: string | undefined, line: number): number {
  const value = wholeNumberField(field, line);
  if (typeof value === 'bigint') throw damaged(line, `${value} is no number that it can be`);
  return value;
}

/** A part of a text keeps the whole text in memory; a copy does not. */
function ownText(part: string): string {
  return Buffer.from(part, 'latin1').toString('latin1');
}

/** Where a field of a line begins, in a larger text; fields count from 0. */
export function fieldStart(text: string, start: number, field: number): number {
  let at = start;
  for (let passed = 0; passed < field; passed += 1) at = text.indexOf('\t', at) + 1;
  return at;
}
