import { statfs } from 'node:fs/promises';
import { RekindleError } from '../common/errors/error.ts';
import { formatBytes } from '../common/format.ts';
import type { Layout } from '../restore/layout/schema.ts';

/** Rescue system, its trees while they are packed, and the image of it. */
const rescueBytes = 900e6;
/** zstd packs ordinary systems to 35-50%; what it cannot pack makes up for a margin. */
const packedShare = 0.7;

/** What the mounted file systems of a layout hold, before compression. */
export function savedBytes(layout: Layout | null): number {
  return (layout?.nodes ?? []).reduce((sum, { mount, usedBytes }) => sum + (mount ? (usedBytes ?? 0) : 0), 0);
}

/** The most space needed at one time: the set, and the image made of it. */
export function peakBytes(usedBytes: number): number {
  return Math.ceil(rescueBytes + 2 * usedBytes * packedShare);
}

/** @throws RekindleError RK205 with both figures. */
export async function assertSpace(directory: string, usedBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const needed = peakBytes(usedBytes);
  if (free < needed)
    throw new RekindleError(
      'RK205',
      `${directory} has ${formatBytes(free)} free, up to ${formatBytes(needed)} are needed`,
    );
}
