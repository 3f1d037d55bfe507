import type { PaxRecords } from './pax-records.ts';
import {
  headerLinkPath,
  headerNumber,
  headerPath,
  headerTime,
  paddedSize,
  TarFormatError,
  type TarHeader,
  tarBlock,
} from './tar-header.ts';
import { isTime, parseWholeNumber, type WholeNumber } from './whole-number.ts';

/** File (sparse ones too), directory, symbolic link, hard link, character and block device, FIFO. */
export const memberTypes = ['f', 'd', 'l', 'h', 'c', 'b', 'p'] as const;
export type MemberType = (typeof memberTypes)[number];

/** One file of a tar archive. */
export interface TarMember {
  /** As in the archive: './etc/fstab', directories with a slash at the end. */
  path: Buffer;
  type: MemberType;
  /** Bytes stored in the archive; of a sparse file its map and what lies between the holes. */
  size: number;
  /** Bytes that the file has once extracted; 0 for a hard link. Of a sparse file up to 2^63 - 1. */
  realSize: WholeNumber;
  /** Target of a symbolic link, or name of the earlier member that a hard link is another name of. */
  linkPath: Buffer | null;
  /** What an incremental archive says of a directory: 'Yname\0Dname\0', in latin1 (tar's manual, "Dumpdir"). */
  dumpdir?: string;
  /** Permission bits, without the file type. */
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since 1970 as decimal text, with up to nine digits of a fraction: '-446061299.876543211'. */
  mtime: string;
  /** Of the member's first block (its pax header, if it has one) in the tar stream, bytes. */
  offset: number;
  /** With all headers, content and padding: from this member's offset to its end, bytes. */
  length: number;
}

/** Headers that came before a member's own. */
export interface Extensions {
  /** Holds for all that follow ('g'). */
  global: PaxRecords;
  /** Holds for the next member ('x'). */
  local: PaxRecords;
  /** GNU's long name ('L') and long link ('K'). */
  longPath: Buffer | null;
  longLinkPath: Buffer | null;
}

export const noRecords: PaxRecords = new Map();

const types: Readonly<Record<string, MemberType>> = {
  '\0': 'f',
  '0': 'f',
  '7': 'f', // contiguous; no system makes a difference
  '1': 'h',
  '2': 'l',
  '3': 'c',
  '4': 'b',
  '5': 'd',
  '6': 'p',
};

export interface Assembled {
  member: TarMember;
  /** Its content begins with a map of where its data belong. */
  sparse: boolean;
}

/**
 * Puts a member together from its header and what came before it; the precedence is GNU tar's (xheader.c, list.c).
 * @param offset of the header block. @param start of the member's first block. @throws TarFormatError
 */
export function assembleMember(header: TarHeader, before: Extensions, offset: number, start: number): Assembled {
  const said = (key: string): string | undefined => before.local.get(key) ?? before.global.get(key);
  const number = (key: string): number | undefined => paxNumber(said(key), key, offset);
  const path = paxText(said('GNU.sparse.name') ?? said('path')) ?? before.longPath ?? headerPath(header);
  if (path.length === 0) throw new TarFormatError(offset, 'a member without a name');
  const size = number('size') ?? header.size;
  const type = typeOf(header, path, offset);
  const sparse = isSparse(before, said, offset);
  // tar would skip such content or take it for headers, by the kind of member: two readers, two archives.
  if (type !== 'f' && (size !== 0 || header.size !== 0 || sparse))
    throw new TarFormatError(offset, `a member of type ${type} with content`);
  const dumpdir = dumpdirOf(type, before, offset);
  const member = {
    path,
    type,
    size,
    realSize: wholeNumber(said('GNU.sparse.realsize'), 'GNU.sparse.realsize', offset) ?? size,
    linkPath: linkPathOf(type, said('linkpath'), before, header, offset),
    ...(dumpdir === undefined ? {} : { dumpdir }),
    mode: headerNumber(header, 'mode', offset) & 0o7777,
    uid: number('uid') ?? headerNumber(header, 'uid', offset),
    gid: number('gid') ?? headerNumber(header, 'gid', offset),
    mtime: mtimeOf(said('mtime'), header, offset),
    offset: start,
    length: offset + tarBlock + paddedSize(size) - start,
  };
  return { member, sparse };
}

const sparseKeys = ['GNU.sparse.major', 'GNU.sparse.minor', 'GNU.sparse.name', 'GNU.sparse.realsize'];

/** Only as tar writes it now (format 1.0): with older kinds, and with half of one, tar's idea of the content's end is another. */
function isSparse(before: Extensions, said: (key: string) => string | undefined, offset: number): boolean {
  const keys = [...before.local.keys(), ...before.global.keys()].filter((key) => key.startsWith('GNU.sparse.'));
  if (keys.length === 0) return false;
  const whole = keys.every((key) => sparseKeys.includes(key)) && said('GNU.sparse.realsize') !== undefined;
  if (!whole || said('GNU.sparse.major') !== '1' || said('GNU.sparse.minor') !== '0')
    throw new TarFormatError(offset, 'a sparse file in another format than 1.0');
  return true;
}

/** tar deletes by it: only where tar itself writes it. */
function dumpdirOf(type: MemberType, { local, global }: Extensions, offset: number): string | undefined {
  const dumpdir = local.get('GNU.dumpdir');
  if (global.has('GNU.dumpdir') || (dumpdir !== undefined && type !== 'd'))
    throw new TarFormatError(offset, 'a list of names that belongs to no directory');
  return dumpdir;
}

function typeOf({ typeflag }: TarHeader, path: Buffer, offset: number): MemberType {
  const type = types[typeflag];
  if (type === undefined) throw new TarFormatError(offset, `a member of type ${JSON.stringify(typeflag)}`);
  // Before POSIX a directory was a file whose name ends in a slash; tar still extracts it as one.
  return type === 'f' && path.at(-1) === 0x2f ? 'd' : type;
}

function linkPathOf(
  type: MemberType,
  said: string | undefined,
  { longLinkPath }: Extensions,
  header: TarHeader,
  offset: number,
): Buffer | null {
  if (type !== 'h' && type !== 'l') return null;
  const path = paxText(said) ?? longLinkPath ?? headerLinkPath(header);
  if (path.length === 0) throw new TarFormatError(offset, 'a link without a target');
  return path;
}

/** Like tar, up to the first NUL. */
function paxText(value: string | undefined): Buffer | null {
  if (value === undefined) return null;
  const end = value.indexOf('\0');
  return Buffer.from(end < 0 ? value : value.slice(0, end), 'latin1');
}

function wholeNumber(value: string | undefined, key: string, offset: number): WholeNumber | undefined {
  if (value === undefined) return undefined;
  const number = parseWholeNumber(value);
  if (number === null) throw new TarFormatError(offset, `${key} in the pax header is no number`);
  return number;
}

/** Of what can be no larger: an owner, what a stream holds. */
function paxNumber(value: string | undefined, key: string, offset: number): number | undefined {
  const number = wholeNumber(value, key, offset);
  if (typeof number === 'bigint') throw new TarFormatError(offset, `${key} in the pax header is too large: ${number}`);
  return number;
}

function mtimeOf(value: string | undefined, header: TarHeader, offset: number): string {
  if (value === undefined) return headerTime(header, offset);
  if (!isTime(value)) throw new TarFormatError(offset, 'mtime in the pax header is no time');
  return value;
}
