import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Destination } from './destination.ts';

/** The work folder of one medium in one or more volumes. */
export interface Site {
  set: string;
  work: string;
  /** Becomes the root of volume `number`'s image. */
  tree: (number: number) => string;
  /** The set's directory in that tree. */
  setDirectory: (number: number) => string;
  /** Where the archives' indexes wait for the last volume. */
  indexDirectory: string;
  /** What the user is told at the end. */
  warnings: string[];
}

export function siteIn(work: string, set: string): Site {
  const tree = (number: number): string => join(work, `volume-${number}`);
  return {
    set,
    work,
    tree,
    setDirectory: (number) => join(tree(number), 'rekindle', set),
    indexDirectory: join(work, 'indexes'),
    warnings: [],
  };
}

/** What a file system of ISO 9660 adds to the files, with a margin. */
export const imageOverhead = 8 << 20;

/** How much of the set each volume takes: the first one carries kernel, initrd and boot loaders too. */
export async function capacityOf(
  { volumeSize }: { volumeSize?: number },
  site: Site,
): Promise<((number: number) => number) | null> {
  if (volumeSize === undefined) return null;
  const boot = await Promise.all(['vmlinuz', 'initrd.img'].map((name) => stat(join(site.tree(1), 'boot', name))));
  const bootBytes = boot.reduce((sum, { size }) => sum + size, 0);
  return (number) => volumeSize - imageOverhead - (number === 1 ? bootBytes + imageOverhead : 0);
}

/** 'web01.iso' where there is one volume, else 'web01-1.iso', 'web01-2.iso'. */
export function volumeFile({ file }: Destination, number: number, count: number): string {
  if (count === 1) return file;
  const dot = /\.[A-Za-z0-9]{1,4}$/.exec(file);
  const end = dot?.index ?? file.length;
  return `${file.slice(0, end)}-${number}${file.slice(end)}`;
}

/** Its name until all are complete. */
export function volumePart(destination: Destination, number: number, count: number): string {
  return `${volumeFile(destination, number, count)}.part`;
}

/** The final names, on the disk before we say that we are done; the last volume comes last, for it completes the set. */
export async function finishImages(destination: Destination, count: number): Promise<string[]> {
  const files: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const file = volumeFile(destination, number, count);
    await rename(volumePart(destination, number, count), file);
    files.push(file);
  }
  const handle = await open(destination.directory, 'r');
  await handle.sync();
  await handle.close();
  return files;
}

export async function removeParts(destination: Destination, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) await rm(volumePart(destination, number, count), { force: true });
}
