import { join } from 'node:path';
import { RekindleError } from '../common/errors/error.ts';
import { run } from '../common/run.ts';
import { accessAtHand } from '../restore/archive/open-archive.ts';
import { openSet } from '../restore/archive/open-set.ts';
import { isoStores } from '../restore/archive/store/iso.ts';
import type { VolumeStore } from '../restore/archive/store/store.ts';
import { describeDamageOf, verifySet } from '../restore/archive/verify-set.ts';
import { describeFile } from '../restore/archive/write-set.ts';
import type { CreateOptions } from './create.ts';
import { readBack } from './iso/read-back.ts';
import { type Site, volumePart } from './volumes.ts';

/** Throws the file's pages out of the cache, so that what is read next comes from the disk. Its data must be on the disk already. */
async function dropCache(file: string): Promise<void> {
  await run(['dd', `if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);
}

/**
 * Reads the written medium as the disk holds it: the boot files, and the whole set, its archives unpacked and compared with
 * the digests taken of tar's output. @throws RekindleError RK213 naming what differs
 */
export async function verifyMedium(options: CreateOptions, site: Site, count: number): Promise<void> {
  const { signal, onProgress } = options;
  const stores: VolumeStore[] = [];
  for (let number = 1; number <= count; number += 1) {
    const image = volumePart(site, number);
    await dropCache(image);
    const store = (await isoStores(image)).get(site.set);
    if (!store) throw new RekindleError('RK213', `${image} does not hold set ${site.set}`);
    stores.push(store);
  }
  const boot = await Promise.all(['boot/vmlinuz', 'boot/initrd.img'].map((path) => describeFile(site.tree(1), path)));
  await readBack(
    volumePart(site, 1),
    boot.map((file) => ({ ...file, path: `/${file.path}` })),
    signal,
  );
  const access = accessAtHand(await openSet(stores), options.encryption?.identities ?? []);
  const damage = await verifySet(access, {
    content: true,
    signal,
    onProgress: (bytesDone, bytesTotal) => onProgress({ phase: 'read back', bytesDone, bytesTotal }),
  });
  if (damage.length > 0) throw new RekindleError('RK213', damage.map(describeDamageOf).join('; '));
  // What is checked must be what was meant: the set in the work folder has the same description.
  const meant = await describeFile(site.setDirectory(count), 'set.json');
  const last = stores.at(-1);
  if (last)
    await readBack(volumePart(site, count), [{ ...meant, path: join('/rekindle', site.set, 'set.json') }], signal);
}
