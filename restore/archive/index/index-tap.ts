import { RekindleError } from '../../../common/errors/error.ts';
import type { IndexWriter } from './index-writer.ts';
import { TarFormatError, type TarMember, TarParser } from './tar-members.ts';

export interface TapProgress {
  /** Of the tar stream. */
  bytes: number;
  members: number;
  /** Those that are no directories. */
  files: number;
  /** The latest member. */
  file: string;
}

/**
 * Looks at a tar stream as it passes and writes its members into the index, at the index's pace. Its end checks that the archive
 * was complete; look at tar's own end first, which says why it was not.
 */
export class IndexTap {
  readonly #writer: IndexWriter;
  readonly #parser: TarParser;
  readonly #onProgress: (progress: TapProgress) => void;
  readonly #progress: TapProgress = { bytes: 0, members: 0, files: 0, file: '' };
  #found: TarMember[] = [];

  constructor(writer: IndexWriter, onProgress: (progress: TapProgress) => void = () => undefined) {
    this.#writer = writer;
    this.#onProgress = onProgress;
    this.#parser = new TarParser((member) => {
      this.#found.push(member);
      if (member.type !== 'd') this.#progress.files += 1;
    });
  }

  /** The chunk's memory may be used again when it resolves. @throws RekindleError RK343 where the stream is no tar archive, what the writer threw */
  async push(chunk: Buffer): Promise<void> {
    this.#progress.bytes += chunk.length;
    await this.#take(() => this.#parser.push(chunk));
  }

  /** Where the archive ends in what was pushed, but for its padding; null before that. Bytes. */
  get archiveEnd(): number | null {
    return this.#parser.archiveEnd;
  }

  /** Call it after the last chunk. @throws RekindleError RK343 when the archive is not complete */
  async end(): Promise<void> {
    await this.#take(() => this.#parser.end());
  }

  async #take(parse: () => void): Promise<void> {
    try {
      parse();
    } catch (error) {
      if (error instanceof TarFormatError) throw new RekindleError('RK343', error.message, { cause: error });
      throw error;
    }
    this.#progress.members += this.#found.length;
    this.#progress.file = this.#found.at(-1)?.path.toString() ?? this.#progress.file;
    this.#onProgress(this.#progress);
    for (const member of this.#found) {
      const room = this.#writer.addMember(member);
      if (room) await room;
    }
    this.#found = [];
  }
}
