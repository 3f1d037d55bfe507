import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Destination } from './destination.ts';

/** The work folders of one medium in one or more volumes. */
export interface Site {
  set: string;
  work: string;
  /** Becomes the root of volume `number`'s image. */
  tree: (number: number) => string;
  /** The set's directory in that tree. */
  setDirectory: (number: number) => string;
  /** Where the archives' indexes wait for the last volume. */
  indexDirectory: string;
  /** Where the images are until all are complete: on the destination's file system. */
  images: string;
  /** What the user is told at the end. */
  warnings: string[];
}

/** @param stage a work folder beside the finished files; the same as `work` where that lies there too */
export async function siteIn(work: string, stage: string, set: string): Promise<Site> {
  const tree = (number: number): string => join(work, `volume-${number}`);
  const images = join(stage, 'images');
  await mkdir(images, { mode: 0o700 });
  return {
    set,
    work,
    tree,
    setDirectory: (number) => join(tree(number), 'rekindle', set),
    indexDirectory: join(work, 'indexes'),
    images,
    warnings: [],
  };
}

/** What a file system of ISO 9660 adds to the files, with a margin. */
export const imageOverhead = 8 << 20;

/** 'web01.iso' where there is one volume, else 'web01-1.iso', 'web01-2.iso'. */
export function volumeFile({ file }: Destination, number: number, count: number): string {
  if (count === 1) return file;
  const dot = /\.[A-Za-z0-9]{1,4}$/.exec(file);
  const end = dot?.index ?? file.length;
  return `${file.slice(0, end)}-${number}${file.slice(end)}`;
}

/** Where volume `number` is until all are complete. */
export function volumePart({ images }: Site, number: number): string {
  return join(images, String(number));
}

/**
 * The final names, on the disk before we say that we are done; the last volume comes last, for it completes the set. When
 * not all can have theirs, what was there before comes back.
 */
export async function finishImages(destination: Destination, site: Site, count: number): Promise<string[]> {
  const files = Array.from({ length: count }, (_, index) => volumeFile(destination, index + 1, count));
  const before = new Map<string, string>();
  const named: string[] = [];
  try {
    for (const file of files) if (await keepBefore(file, site)) before.set(file, keptName(file, site));
    for (const [index, file] of files.entries()) {
      await rename(volumePart(site, index + 1), file);
      named.push(file);
    }
  } catch (error) {
    for (const file of named) {
      const old = before.get(file);
      await (old === undefined ? rm(file, { force: true }) : rename(old, file));
    }
    throw error;
  }
  const handle = await open(destination.directory, 'r');
  await handle.sync();
  await handle.close();
  return files;
}

function keptName(file: string, { images }: Site): string {
  return join(images, `before-${basename(file)}`);
}

/** A second name for what the new file replaces. False: there is nothing, or this file system has no hard links. */
async function keepBefore(file: string, site: Site): Promise<boolean> {
  return link(file, keptName(file, site)).then(
    () => true,
    () => false,
  );
}
