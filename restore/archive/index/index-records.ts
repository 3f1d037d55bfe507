import type { TarMember } from './tar-member.ts';

/** What stands in an index (docs/index-format.md). Offsets and sizes are bytes; 'archive': compressed, 'tar': uncompressed. */
export interface FrameRecord {
  kind: 'frame';
  /** 0, 1, 2 ... */
  number: number;
  archiveOffset: number;
  archiveSize: number;
  tarOffset: number;
  tarSize: number;
  /** Of the frame's bytes in the archive, hex. */
  sha256: string;
  /** Of what it unpacks to, hex. */
  tarSha256: string;
}

/** `size` is the file's own: of a sparse file with its holes. */
export interface MemberRecord extends Omit<TarMember, 'size' | 'realSize' | 'dumpdir'> {
  kind: 'member';
  size: TarMember['realSize'];
}

/** What tar loses. */
export interface AttributeRecord {
  kind: 'attributes';
  /** Spelled as the member's. */
  path: Buffer;
  /** As FS_IOC_GETFLAGS gives them; only those that can be set again. */
  flags: number;
  project: number;
}

/** One of several names of the same file, in archives that do not hold every file. */
export interface NameRecord {
  kind: 'name';
  /** Names of one file have the same number. */
  file: number;
  /** Spelled as the member's. */
  path: Buffer;
}

/** Something people should know of a file: it changed while it was read, it is a socket. */
export interface NoteRecord {
  kind: 'note';
  /** As tar said it; names in it are escaped. */
  text: string;
}

/** The last line. */
export interface EndRecord {
  kind: 'end';
  members: number;
  attributes: number;
  frames: number;
  tarSize: number;
  archiveSize: number;
}

export type IndexRecord = FrameRecord | MemberRecord | AttributeRecord | NameRecord | NoteRecord | EndRecord;
