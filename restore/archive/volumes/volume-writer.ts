import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SetFile, VolumeFile } from '../set-schema.ts';

export interface VolumeWriterOptions {
  /** Directory of the set on volume `number` (1 for the first); made when it is needed. */
  directory: (number: number) => string;
  /** Bytes of files that volume `number` takes; null: there is one volume, without a limit. */
  capacity: ((number: number) => number) | null;
}

/**
 * Puts the files of a set onto volumes, one after the other. A file that does not fit goes on in the next volume; it is
 * only cut between two writes: the caller decides what must stay together.
 */
export class VolumeWriter {
  readonly #options: VolumeWriterOptions;
  readonly #files: VolumeFile[] = [];
  #volume = 1;
  /** Bytes on the current volume. */
  #used = 0;

  constructor(options: VolumeWriterOptions) {
    this.#options = options;
  }

  /** Number of the volume that is being filled. */
  get volume(): number {
    return this.#volume;
  }

  /** All files so far, with their volumes. */
  get files(): readonly VolumeFile[] {
    return this.#files;
  }

  get directory(): string {
    return this.#options.directory(this.#volume);
  }

  /** Bytes that still fit onto the current volume. */
  get left(): number {
    const { capacity } = this.#options;
    return capacity === null ? Number.POSITIVE_INFINITY : capacity(this.#volume) - this.#used;
  }

  /** Counts a file that was put into the current volume's directory by somebody else. */
  add(file: SetFile): void {
    this.#used += file.size;
    this.#files.push({ volume: this.#volume, ...file });
  }

  nextVolume(): void {
    this.#volume += 1;
    this.#used = 0;
  }

  /** Makes sure that so many bytes come onto one volume. */
  reserve(bytes: number): void {
    if (this.left < bytes && this.#used > 0) this.nextVolume();
  }

  /** Begins a file. @param path relative to the set's directory: 'archives/001-root.tar.zst' */
  open(path: string): VolumeFileWriter {
    return new VolumeFileWriter(this, path);
  }
}

/** What is written goes to the disk from time to time, while more is being made: at the end little is left to wait for. Bytes. */
const syncEvery = 32 << 20;

/** One file of a set, in as many parts as volumes were needed. Close it, or dispose of it when its content failed. */
export class VolumeFileWriter {
  readonly #writer: VolumeWriter;
  readonly #path: string;
  readonly #parts: VolumeFile[] = [];
  #handle: FileHandle | null = null;
  #hash: Hash = createHash('sha256');
  #size = 0;
  /** How much of the part is on the disk, once `#syncing` ends. */
  #synced = 0;
  #syncing: Promise<void> = Promise.resolve();

  constructor(writer: VolumeWriter, path: string) {
    this.#writer = writer;
    this.#path = path;
  }

  /** '….part2' for the second part; the first has the file's own name. */
  get #partPath(): string {
    return this.#parts.length === 0 ? this.#path : `${this.#path}.part${this.#parts.length + 1}`;
  }

  /** Writes bytes that stay on one volume. */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#writer.left - this.#size) {
      if (this.#size > 0) await this.#endPart();
      this.#writer.nextVolume();
    }
    const handle = this.#handle ?? (await this.#begin());
    const written = writeWhole(handle, bytes);
    this.#hash.update(bytes); // while another thread writes
    await written;
    this.#size += bytes.length;
    if (this.#size - this.#synced >= syncEvery) await this.#syncSoon(handle);
  }

  /** Waits for the last time's bytes only. */
  async #syncSoon(handle: FileHandle): Promise<void> {
    await this.#syncing;
    this.#synced = this.#size;
    this.#syncing = handle.datasync();
    this.#syncing.catch(() => undefined); // it is waited for later
  }

  async #begin(): Promise<FileHandle> {
    const file = join(this.#writer.directory, this.#partPath);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    this.#handle = await open(file, 'w', 0o600);
    return this.#handle;
  }

  async #endPart(): Promise<void> {
    const handle = this.#handle ?? (await this.#begin());
    await this.#syncing;
    await handle.sync();
    await handle.close();
    this.#handle = null;
    const part = { path: this.#partPath, size: this.#size, sha256: this.#hash.digest('hex') };
    this.#parts.push({ volume: this.#writer.volume, ...part });
    this.#writer.add(part);
    this.#hash = createHash('sha256');
    this.#size = 0;
    this.#synced = 0;
  }

  /** Everything is on the disk. Gives the parts in order, at least one. */
  async close(): Promise<VolumeFile[]> {
    if (this.#handle !== null || this.#parts.length === 0) await this.#endPart();
    return this.#parts;
  }

  /** After a failure: only lets go of the file; whoever made the directory removes it. */
  async dispose(): Promise<void> {
    await this.#syncing.catch(() => undefined);
    await this.#handle?.close().catch(() => undefined);
    this.#handle = null;
  }
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; )
    offset += (await handle.write(bytes, offset, bytes.length - offset)).bytesWritten;
}
