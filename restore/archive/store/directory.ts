import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openRegularFile, type RegularFileOptions } from '../../../common/files/open-regular-file.ts';
import type { ByteSource, VolumeStore } from './store.ts';

/** A file of this machine, or a range of one. */
export class FileSource implements ByteSource {
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #start: number;

  constructor(handle: FileHandle, size: number, start = 0) {
    this.#handle = handle;
    this.size = size;
    this.#start = start;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    const wanted = Math.max(0, Math.min(target.length, this.size - position));
    if (wanted === 0) return 0;
    return (await this.#handle.read(target, 0, wanted, this.#start + position)).bytesRead;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Opens a regular file. @throws NotARegularFile, or Error with the system's code */
export async function openFile(path: string, options: RegularFileOptions = {}): Promise<FileSource> {
  const { file, size } = await openRegularFile(path, options);
  return new FileSource(file, size);
}

/** A set's directory on a mounted file system. No file of a set is a link, which could lead to a device or to what others may not see. */
export function directoryStore(directory: string): VolumeStore {
  return {
    name: directory,
    directory,
    async size(path) {
      try {
        const { file, size } = await openRegularFile(join(directory, path));
        await file.close();
        return size;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
    },
    open: (path) => openFile(join(directory, path)),
  };
}
