import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RekindleError } from '../../../common/errors/error.ts';
import { directoryStore } from './directory.ts';
import { isoStores } from './iso.ts';
import type { VolumeStore } from './store.ts';

/**
 * A volume as people name it: the set's directory, a mounted medium, a directory with one set, or an ISO image, which need not
 * be mounted. @throws what stat throws, RekindleError RK302 when there is none, RK316 when there are several and `wanted` names none of them
 */
export async function findStore(path: string, wanted: string | null): Promise<VolumeStore> {
  const found = await stat(path);
  if (!found.isDirectory() && !found.isFile())
    throw new RekindleError(
      'RK302',
      `${path} is neither a directory nor an image; a medium in a drive is to be mounted`,
    );
  const stores = found.isDirectory() ? await directoryStores(path) : await isoStores(path);
  const [only] = stores.values();
  if (wanted !== null) {
    const chosen = stores.get(wanted.toLowerCase());
    if (chosen) return chosen;
    throw new RekindleError('RK302', `${path} does not hold set ${wanted}, but ${[...stores.keys()].join(', ')}`);
  }
  if (stores.size > 1) throw new RekindleError('RK316', `${path}: ${[...stores.keys()].join(', ')}`);
  if (!only) throw new RekindleError('RK302', `${path} holds no Rekindle set`);
  return only;
}

async function directoryStores(path: string): Promise<Map<string, VolumeStore>> {
  const names = await readdir(path);
  if (names.includes('set.json')) return new Map([['', directoryStore(path)]]);
  const root = names.includes('rekindle') ? join(path, 'rekindle') : path;
  const sets = (await readdir(root)).filter((name) => z.uuid().safeParse(name).success);
  return new Map(sets.map((set) => [set.toLowerCase(), directoryStore(join(root, set))]));
}
