import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { basename, join } from 'node:path';
import type { RecoverySet } from '../archive/open-set.ts';
import { openFile } from '../archive/store/directory.ts';
import { type ByteSource, readWhole } from '../archive/store/store.ts';
import { log } from './log.ts';

/** The lists may take this part of the free memory. */
const mostOfMemory = 1 / 4;

/**
 * Copies of the indexes of a set in several volumes. They lie on the last one, which makes room for the others: without a copy
 * its disc would be asked for again for each archive, and what an unreadable volume costs could not be told.
 */
export class IndexCache {
  readonly #files = new Map<string, string>();

  /** A list that cannot be copied, or is damaged, is left where it is. */
  async fill({ manifest, volumes }: RecoverySet, directory: string): Promise<void> {
    const store = volumes.get(manifest?.volumes ?? 1);
    const indexes = (manifest?.archives ?? []).map(({ index }) => index);
    const size = indexes.reduce((sum, index) => sum + index.size, 0);
    if (!store || size > freemem() * mostOfMemory) return;
    try {
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory, { recursive: true, mode: 0o700 });
      for (const { path, size: expected, sha256 } of indexes) {
        const bytes = await readWhole(store, path, expected);
        if (createHash('sha256').update(bytes).digest('hex') !== sha256) continue;
        const file = join(directory, basename(path));
        await writeFile(file, bytes, { mode: 0o600 });
        this.#files.set(path, file);
      }
    } catch (error) {
      log(`the lists of files were not copied: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async open(path: string): Promise<ByteSource | null> {
    const file = this.#files.get(path);
    return file === undefined ? null : openFile(file);
  }
}
