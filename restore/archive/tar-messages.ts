import type { Readable } from 'node:stream';
import { formatCount } from '../../common/format.ts';
import type { NoteCounts } from './note-counts.ts';
import type { NoteKind } from './note-kinds.ts';

/** What GNU tar said on standard error, sorted by what it means for the archive. */
export interface TarMessages {
  /** People are told: files that changed while they were read, sockets, and what is not in the archive. The archive is good. */
  notes: string[];
  /** The notes by kind, also those that are not kept. */
  counts: NoteCounts;
  /** Of the notes: files or attributes that are not in the archive, though tar was asked for them. */
  leftOut: number;
  /** Of those: what may be there, and unchanged, when the next incremental archive is made. */
  missed: number;
  /** Anything else: the archive is not complete. */
  errors: string[];
}

const noteworthy: readonly [pattern: RegExp, kind: NoteKind][] = [
  [/: file changed as we read it$/, 'changed'],
  [/: File shrank by \d+ bytes?; padding with zeros$/, 'changed'],
  [/: File removed before we read it$/, 'deleted'],
  [/: socket ignored$/, 'sockets'],
  [/: door ignored$/, 'sockets'],
  [/: Unknown file type; file ignored$/, 'unsaved'],
];
const withoutMeaning = [
  /: Exiting with failure status due to previous errors$/,
  /: Removing leading /,
  /: The following options were used after/,
  /: Record size = /,
];

/**
 * What the owner of a file can do to it, without any right on the machine: remove or swap it, hold a lease, lock its folder's key, give it a
 * longer path or more attributes than the kernel hands out. What the disk, the memory or we do is not among them. In the words of strerror(3).
 */
const byItsOwner = [
  'No such file or directory',
  'Not a directory',
  'Is a directory',
  'Too many levels of symbolic links',
  'No such device or address',
  'Resource temporarily unavailable',
  'Text file busy',
  'Required key not available',
  'Key has expired',
  'Key has been revoked',
  'File name too long',
  'Argument list too long',
  'Numerical result out of range',
  'Value too large for defined data type',
  'No data available',
].join('|');

/** The root of the file system is not among those names: without it there is no archive. */
const unread = new RegExp(`^(\\./.+): (?:Warning: )?Cannot (?:stat|open|readlink): (${byItsOwner})$`);
/** In such a warning tar gives the last part of the path only. */
const withoutAttributes = new RegExp(`^(.+): Warning: Cannot \\w+: (${byItsOwner})$`);
const swappedLink = /^(\.\/.+): Cannot readlink: (Invalid argument)$/;

/** A subvolume that came into being since the layout was taken, or what a snapshot shows in place of one. */
const otherSubvolume = /: directory is on a different filesystem; not dumped$/;

/** Extracting: a sparse file that is larger than this file system's files can be (16 TiB on ext4). tar goes on with the next one. */
const tooLarge = /^(.+): Cannot (?:seek to \d{10,}: Invalid argument|(?:seek to \d+|write|truncate): File too large)$/;

/** So many lines of a kind are kept, and so much of each: whoever makes files does not decide how much memory their names take. */
const most = { lines: 20_000, characters: 6000 };

/** Sorts tar's standard error (LANG=C) line by line, in bounded memory. Names are as tar quotes them. */
class MessageSorter {
  readonly messages: TarMessages = { notes: [], counts: {}, leftOut: 0, missed: 0, errors: [] };
  readonly #about: AboutTar;
  readonly #unkept = { notes: 0, errors: 0 };

  constructor(about: AboutTar) {
    this.#about = about;
  }

  take(line: string): void {
    const plain = line.trim().replace(/^tar: /, '');
    if (plain === '' || withoutMeaning.some((pattern) => pattern.test(line))) return;
    if (this.#about.extracting === true) this.#takeExtracting(plain);
    else this.#takeCreating(plain);
  }

  #takeExtracting(plain: string): void {
    const large = tooLarge.exec(plain);
    if (large !== null)
      this.#leaveOut('unsaved', `${large[1]}: larger than a file can be on this file system: it is empty or cut short`);
    else this.#keep('errors', plain);
  }

  #takeCreating(plain: string): void {
    const lost = unread.exec(plain) ?? swappedLink.exec(plain);
    if (lost !== null) {
      // Such a path is as long the next time; a folder that was moved to a shorter one is saved with all that is in it.
      if (lost[2] !== 'File name too long') this.messages.missed += 1;
      this.#leaveOut('unsaved', `${lost[1]}: not saved: ${lost[2]}`);
      return;
    }
    const bare = withoutAttributes.exec(plain);
    if (bare !== null) {
      this.#leaveOut('attributes', `${bare[1]}: saved without some of its attributes: ${bare[2]}`);
      return;
    }
    const kind = this.#kindOf(plain);
    if (kind === undefined) this.#keep('errors', plain);
    else this.#note(kind, plain);
  }

  #kindOf(plain: string): NoteKind | undefined {
    if (this.#about.subvolume === true && otherSubvolume.test(plain)) return 'others';
    return noteworthy.find(([pattern]) => pattern.test(plain))?.[1];
  }

  /** After the last line. */
  end(): TarMessages {
    for (const kind of ['notes', 'errors'] as const)
      if (this.#unkept[kind] > 0) this.messages[kind].push(`and ${formatCount(this.#unkept[kind])} more`);
    this.#unkept.notes = 0;
    this.#unkept.errors = 0;
    return this.messages;
  }

  #leaveOut(kind: NoteKind, note: string): void {
    this.messages.leftOut += 1;
    this.#note(kind, note);
  }

  #note(kind: NoteKind, note: string): void {
    this.messages.counts[kind] = (this.messages.counts[kind] ?? 0) + 1;
    this.#keep('notes', note);
  }

  #keep(kind: 'notes' | 'errors', line: string): void {
    if (this.messages[kind].length < most.lines) this.messages[kind].push(shortened(line));
    else this.#unkept[kind] += 1;
  }
}

/** A path's beginning and its end, with what is said of it. A copy: a part of a text keeps the whole text in memory. */
function shortened(line: string): string {
  if (line.length <= most.characters) return line;
  const half = most.characters / 2;
  return Buffer.from(`${line.slice(0, half)}...${line.slice(-half)}`).toString();
}

export interface AboutTar {
  /** Of a btrfs. False when not given. */
  subvolume?: boolean;
  /** It unpacks an archive. False when not given. */
  extracting?: boolean;
}

/** @param text all that tar said */
export function sortTarMessages(text: string, about: AboutTar = {}): TarMessages {
  const sorter = new MessageSorter(about);
  for (const line of text.split('\n')) sorter.take(line);
  return sorter.end();
}

/** The same while tar speaks. `sorted` may be called when the stream has ended. */
export function readTarMessages(stream: Readable, about: AboutTar = {}): { sorted: () => TarMessages } {
  const sorter = new MessageSorter(about);
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    // A line's end is what it is sorted by, its beginning is what the file is.
    rest = shortened(lines.pop() ?? '');
    for (const line of lines) sorter.take(line);
  });
  const sorted = (): TarMessages => {
    sorter.take(rest);
    rest = '';
    return sorter.end();
  };
  return { sorted };
}

const shortcomings = [
  /: Cannot change (ownership|mode) to /,
  /: Cannot set '.*' extended attribute for file /,
  /: Cannot utime: /,
  /^and [\d ,.]+ more$/,
  /: Cannot (mknod|mkfifo|open|create symlink to '.*'|hard link to '.*'): /,
];

/**
 * What tar says when the target cannot take a file, or not all that belongs to it (a stick with vfat, an ordinary user): the file is
 * not there at all or has all of its content.
 * @param line of `sortTarMessages`
 */
export function isShortcoming(line: string): boolean {
  return shortcomings.some((pattern) => pattern.test(line)) && !/No space left|Disk quota|Input.output/.test(line);
}

/** The first few of many, with their number. */
export function summarize(lines: readonly string[], limit = 5): string {
  const rest = lines.length - limit;
  return lines.slice(0, limit).join('; ') + (rest > 0 ? `; and ${formatCount(rest)} more` : '');
}
