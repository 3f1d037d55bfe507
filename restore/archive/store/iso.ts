import { basename } from 'node:path';
import { RekindleError } from '../../../common/errors/error.ts';
import { run } from '../../../common/run.ts';
import { type FileSource, openFile } from './directory.ts';
import type { ByteSource, VolumeStore } from './store.ts';

const sectorBytes = 2048;

/** A piece of an image, in bytes. */
export interface Extent {
  start: number;
  size: number;
}

/** Where the files of an image lie; one of more than 4 GiB has several extents. Paths begin with '/'. Needs xorriso. */
export async function listExtents(image: string): Promise<Map<string, Extent[]>> {
  const { stdout } = await run(['xorriso', '-indev', image, '-find', '/', '-type', 'f', '-exec', 'report_lba', '--']);
  const files = new Map<string, Extent[]>();
  const line = /^File data lba:\s*\d+\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*, '(.*)'$/gm;
  for (const [, start, blocks, fileSize, path = ''] of stdout.matchAll(line)) {
    const extents = files.get(path) ?? [];
    // Each line of a file tells the size of the whole file.
    const left = Number(fileSize) - extents.reduce((sum, { size }) => sum + size, 0);
    extents.push({ start: Number(start) * sectorBytes, size: Math.min(left, Number(blocks) * sectorBytes) });
    files.set(path, extents);
  }
  return files;
}

/** A file whose extents lie anywhere in an image. */
class ExtentSource implements ByteSource {
  readonly size: number;
  readonly #image: FileSource;
  readonly #extents: readonly Extent[];

  constructor(image: FileSource, extents: readonly Extent[]) {
    this.#image = image;
    this.#extents = extents;
    this.size = extents.reduce((sum, { size }) => sum + size, 0);
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let from = 0;
    for (const { start, size } of this.#extents) {
      const inside = position - from;
      if (inside < size) return this.#image.read(target.subarray(0, size - inside), start + inside);
      from += size;
    }
    return 0;
  }

  close(): Promise<void> {
    return this.#image.close();
  }
}

/** The sets in an ISO image, without mounting it: nobody need be root to look. By UUID. @throws RekindleError RK302 */
export async function isoStores(image: string): Promise<Map<string, VolumeStore>> {
  // xorriso would say of a file that may not be read that it is blank.
  await (await openFile(image, { followLink: true })).close();
  const files = await listExtents(image);
  const stores = new Map<string, VolumeStore>();
  for (const path of files.keys()) {
    const set = /^\/rekindle\/([0-9a-f-]{36})\/set\.json$/.exec(path)?.[1];
    if (set !== undefined) stores.set(set, isoStore(image, files, `/rekindle/${set}/`));
  }
  if (stores.size === 0) throw new RekindleError('RK302', `${image} holds no Rekindle set`);
  return stores;
}

function isoStore(image: string, files: ReadonlyMap<string, Extent[]>, folder: string): VolumeStore {
  const find = (path: string): Extent[] | undefined => files.get(folder + path);
  return {
    name: basename(image),
    directory: null,
    async size(path) {
      return find(path)?.reduce((sum, { size }) => sum + size, 0) ?? null;
    },
    async open(path) {
      const extents = find(path);
      if (!extents) throw Object.assign(new Error(`${path} is not in ${image}`), { code: 'ENOENT' });
      return new ExtentSource(await openFile(image, { followLink: true }), extents);
    },
  };
}
