import { stat, statfs } from 'node:fs/promises';
import { RekindleError } from '../common/errors/error.ts';
import { formatBytes } from '../common/format.ts';
import type { Layout } from '../restore/layout/schema.ts';
import { canPunch } from './iso/punch.ts';

/** Rescue system and the trees it is packed from. */
const rescueBytes = 700e6;
/** The finished rescue system within the image. */
const imageBytes = 200e6;
/** zstd packs ordinary systems to 35-50%; what it cannot pack makes up for the margin. */
const packedShare = 0.6;

/** What the mounted file systems of a layout hold, and what is copied as it is, before compression. */
export function savedBytes(layout: Layout | null): number {
  return (layout?.nodes ?? []).reduce((sum, { mount, content, usedBytes, sizeBytes }) => {
    if (content?.kind === 'raw') return sum + sizeBytes;
    return sum + (mount ? (usedBytes ?? 0) : 0);
  }, 0);
}

export interface Peak {
  work: number;
  image: number;
}

/**
 * The most space needed at one time, in bytes. Archives leave the work folder while they are copied into the image
 * (`freed`), so that they are never there twice; on a file system that cannot give space back they are.
 */
export function peakBytes(usedBytes: number, freed: boolean): Peak {
  const packed = usedBytes * packedShare;
  return { work: Math.ceil(rescueBytes + (freed ? 0 : packed)), image: Math.ceil(imageBytes + packed) };
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

function assertFree(directory: string, free: number, needed: number): void {
  if (free < needed)
    throw new RekindleError(
      'RK205',
      `${directory} has ${formatBytes(free)} free, up to ${formatBytes(needed)} are needed at one time`,
    );
}

/** Before anything is written. @throws RekindleError RK205 with both figures. */
export async function assertSpace(workDirectory: string, directory: string, usedBytes: number): Promise<void> {
  const packed = usedBytes * packedShare;
  if ((await stat(workDirectory)).dev !== (await stat(directory)).dev) {
    assertFree(workDirectory, await freeBytes(workDirectory), Math.ceil(rescueBytes + packed));
    assertFree(directory, await freeBytes(directory), peakBytes(usedBytes, true).image);
    return;
  }
  const { work, image } = peakBytes(usedBytes, await canPunch(workDirectory));
  assertFree(directory, await freeBytes(directory), work + image);
}
