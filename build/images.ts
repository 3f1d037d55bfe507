import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { VolumeWriter } from '../restore/archive/volumes/volume-writer.ts';
import type { CreateOptions } from './create.ts';
import { makeImage } from './iso/image.ts';
import { imageOverhead, type Site, volumePart } from './volumes.ts';

/** How much of the set each volume takes: the first one carries kernel, initrd and boot loaders too. */
export async function capacityOf(
  { volumeSize }: Pick<CreateOptions, 'volumeSize'>,
  site: Site,
): Promise<((number: number) => number) | null> {
  if (volumeSize === undefined) return null;
  const boot = await Promise.all(['vmlinuz', 'initrd.img'].map((name) => stat(join(site.tree(1), 'boot', name))));
  const bootBytes = boot.reduce((sum, { size }) => sum + size, 0);
  return (number) => volumeSize - imageOverhead - (number === 1 ? bootBytes + imageOverhead : 0);
}

/** An image of each volume's tree, under its unfinished name. */
export async function makeImages(
  options: CreateOptions,
  site: Site,
  volumes: VolumeWriter,
  hostname: string,
): Promise<{ size: number; warnings: string[] }> {
  const { signal, onProgress } = options;
  const warnings: string[] = [];
  let size = 0;
  for (let number = 1; number <= volumes.volume; number += 1) {
    const phase = volumes.volume === 1 ? 'write image' : `write volume ${number}`;
    const files = volumes.files.filter(({ volume }) => volume === number);
    const total = files.reduce((sum, file) => sum + file.size, 0);
    onProgress({ phase, bytesDone: 0, bytesTotal: total });
    const image = await makeImage({
      tree: site.tree(number),
      work: site.work,
      output: volumePart(site, number),
      set: site.set,
      volume: number,
      hostname,
      kernelArguments: options.kernelArguments,
      consume: files
        .map(({ path }) => join(site.setDirectory(number), path))
        .filter((path) => /\/archives\//.test(path)),
      signal,
      onBytes: (bytesDone) => onProgress({ phase, bytesDone, bytesTotal: Math.max(total, bytesDone) }),
    });
    size += image.size;
    warnings.push(...image.warnings);
  }
  return { size, warnings };
}
