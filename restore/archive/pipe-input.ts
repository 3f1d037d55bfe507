import { closeSync, read as readFd } from 'node:fs';
import { promisify } from 'node:util';
import type { IndexTap } from './index/index-tap.ts';

const read = promisify(readFd);
/** tar's own, when nobody asks for another: bytes. */
const usualRecord = 10_240;

/**
 * A tar stream from a pipe, read straight into the memory that is compressed next; the index learns its members as they pass. Its
 * end checks that the archive was complete.
 */
export class PipeInput {
  readonly #fd: number;
  readonly #tap: IndexTap;
  /** Bytes of the stream that were read. */
  #passed = 0;
  #reading = false;
  #closing = false;
  #closed = false;

  /** @param fd is closed by `close` */
  constructor(fd: number, tap: IndexTap) {
    this.#fd = fd;
    this.#tap = tap;
  }

  /** Fills `target`; gives how much of it is filled: less only where the stream ends. @throws RekindleError RK343, what the index throws */
  async read(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const count = await this.#readSome(target.subarray(filled));
      if (count === 0) break;
      await this.#tap.push(Buffer.from(target.buffer, target.byteOffset + filled, count));
      filled += this.#wanted(count);
    }
    if (filled === 0) await this.#tap.end();
    return filled;
  }

  /**
   * How much of the next `count` bytes belongs to the archive. tar fills its last write with zeros; whoever reads the archive with
   * records of the usual size may stop long before their end, and its pipe breaks.
   */
  #wanted(count: number): number {
    const begin = this.#passed;
    this.#passed += count;
    const { archiveEnd } = this.#tap;
    if (archiveEnd === null) return count;
    const end = Math.ceil(archiveEnd / usualRecord) * usualRecord;
    return Math.max(0, Math.min(count, end - begin));
  }

  async #readSome(target: Uint8Array): Promise<number> {
    if (this.#closing) return 0;
    this.#reading = true;
    try {
      return (await read(this.#fd, target, 0, target.length, null)).bytesRead;
    } finally {
      this.#reading = false;
      if (this.#closing) this.#close();
    }
  }

  /** Lets the pipe go: at once, or when a read that is under way comes back. */
  close(): void {
    this.#closing = true;
    if (!this.#reading) this.#close();
  }

  #close(): void {
    if (!this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }
}
