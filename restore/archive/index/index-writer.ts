import type { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import type { SetFile } from '../set-schema.ts';
import { DigestStream } from '../streams.ts';
import { attributeLine, endLine, frameLine, memberLine, nameLine, noteLine, preamble } from './index-lines.ts';
import type { AttributeRecord, FrameRecord, NameRecord } from './index-records.ts';
import type { TarMember } from './tar-member.ts';

export interface IndexWriterOptions {
  /** Of the index in the set: 'archives/001-root.tar.zst.idx'. */
  path: string;
  /** Where its bytes go; it is ended or, after a failure, destroyed. */
  file: Writable;
  /** What the compressed bytes pass through before they are counted and hashed: encryption. */
  through?: readonly Transform[];
}

/** One frame of the archive; its number and its place in the tar stream follow from the frames before it. */
export type FrameEntry = Omit<FrameRecord, 'kind' | 'number' | 'tarOffset'>;

/** Undefined: go on. A promise: wait for it before adding more, or memory grows. It rejects when the file cannot be written. */
export type Room = Promise<void> | undefined;

/** Text that is handed to the compressor at once, in characters. */
const batch = 128 * 1024;

/**
 * Writes an archive's index while the archive is made, in constant memory. Frames, members and attributes may come interleaved,
 * each kind in its own order. Without `finish` the index has no last line, and readers refuse it.
 */
export class IndexWriter {
  readonly #path: string;
  readonly #zstd = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  readonly #digest = new DigestStream();
  readonly #written: Promise<void>;
  #failure: { cause: unknown } | null = null;
  #text = preamble;
  #flushing: PromiseWithResolvers<void> | null = null;
  readonly #totals = { members: 0, attributes: 0, frames: 0, tarSize: 0 };

  constructor({ path, file, through = [] }: IndexWriterOptions) {
    this.#path = path;
    this.#written = pipeline([this.#zstd, ...through, this.#digest, file]);
    this.#written.catch((cause: unknown) => {
      this.#failure = { cause };
      this.#flushing?.reject(cause);
    });
  }

  get members(): number {
    return this.#totals.members;
  }

  addFrame(frame: FrameEntry): Room {
    const { frames, tarSize } = this.#totals;
    this.#totals.frames += 1;
    this.#totals.tarSize += frame.tarSize;
    return this.#add(frameLine({ kind: 'frame', ...frame, number: frames, tarOffset: tarSize }));
  }

  addMember(member: TarMember): Room {
    this.#totals.members += 1;
    return this.#add(memberLine(member));
  }

  addAttributes(attributes: Omit<AttributeRecord, 'kind'>): Room {
    this.#totals.attributes += 1;
    return this.#add(attributeLine(attributes));
  }

  addName(name: Omit<NameRecord, 'kind'>): Room {
    return this.#add(nameLine(name));
  }

  addNote(text: string): Room {
    return this.#add(noteLine(text));
  }

  /**
   * Writes the last line and closes the file. @param archiveSize of the whole archive file, bytes.
   * @returns size and SHA-256 of what was written. @throws what the file's stream threw (ENOSPC ...)
   */
  async finish(archiveSize: number): Promise<SetFile> {
    this.#text += endLine({ ...this.#totals, archiveSize });
    while (this.#text !== '') await this.#flush();
    this.#zstd.end();
    await this.#written;
    return { path: this.#path, size: this.#digest.bytes, sha256: this.#digest.digest() };
  }

  /** Gives up; the unfinished file is the caller's to remove. */
  async abort(): Promise<void> {
    this.#zstd.destroy();
    await this.#written.catch(() => undefined);
  }

  #add(line: string): Room {
    this.#text += line;
    return this.#text.length < batch ? undefined : this.#flush();
  }

  /** Several callers may wait for the same flush; what they add meanwhile goes with the next one. */
  #flush(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.cause);
    if (this.#flushing) return this.#flushing.promise;
    const flushing = Promise.withResolvers<void>();
    this.#flushing = flushing;
    const text = this.#text;
    this.#text = '';
    // The callback comes when the compressor has taken it all; after a failure it may never come.
    this.#zstd.write(text, 'utf8', (error) => {
      this.#flushing = null;
      if (error) flushing.reject(error);
      else flushing.resolve();
    });
    return flushing.promise;
  }
}
