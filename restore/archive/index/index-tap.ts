import { Transform } from 'node:stream';
import { RekindleError } from '../../../common/errors/error.ts';
import type { IndexWriter } from './index-writer.ts';
import { TarFormatError, type TarMember, TarParser } from './tar-members.ts';

export interface TapProgress {
  /** Of the tar stream. */
  bytes: number;
  members: number;
  /** The latest member. */
  file: string;
}

/**
 * Passes a tar stream on and writes its members into the index, at the index's pace. Its end checks that the archive was
 * complete; look at tar's own end first, which says why it was not.
 * Errors: RK343 where the stream is no tar archive, what the writer threw.
 */
export class IndexTap extends Transform {
  readonly #writer: IndexWriter;
  readonly #parser: TarParser;
  readonly #onProgress: (progress: TapProgress) => void;
  readonly #progress: TapProgress = { bytes: 0, members: 0, file: '' };
  #found: TarMember[] = [];

  constructor(writer: IndexWriter, onProgress: (progress: TapProgress) => void = () => undefined) {
    super({ highWaterMark: 1 << 20 });
    this.#writer = writer;
    this.#onProgress = onProgress;
    this.#parser = new TarParser((member) => this.#found.push(member));
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    this.#progress.bytes += chunk.length;
    this.#take(() => this.#parser.push(chunk)).then(() => done(null, chunk), done);
  }

  override _flush(done: (error: Error | null) => void): void {
    this.#take(() => this.#parser.end()).then(() => done(null), done);
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
