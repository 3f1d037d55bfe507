import { stat } from 'node:fs/promises';
import { RekindleError } from '../common/errors/error.ts';
import { formatBytes } from '../common/format.ts';
import { type SpaceOf, spaceOf } from '../common/look.ts';
import type { Layout } from '../restore/layout/schema.ts';
import { canPunch } from './iso/punch.ts';

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

/** A rescue system and the trees it is packed from; the finished one within the image. */
const rescueSystem: Peak = { work: 700e6, image: 200e6 };

/**
 * The most space needed at one time, in bytes. Archives leave the work folder while they are copied into the image
 * (`freed`), so that they are never there twice; on a file system that cannot give space back they are.
 */
export function peakBytes(usedBytes: number, freed: boolean, rescue: Peak = rescueSystem): Peak {
  const packed = usedBytes * packedShare;
  return { work: Math.ceil(rescue.work + (freed ? 0 : packed)), image: Math.ceil(rescue.image + packed) };
}

/** Before anything else is done there. @throws RekindleError RK237 where the server of a mount is gone, RK208 where nothing is */
export async function assertAnswers(place: string): Promise<SpaceOf> {
  const space = await spaceOf(place);
  if (space === 'silent') throw new RekindleError('RK237', `${place} did not answer in time`);
  if (space === null) throw new RekindleError('RK208', `${place} cannot be looked at`);
  return space;
}

async function freeBytes(directory: string): Promise<number> {
  return (await assertAnswers(directory)).available;
}

function assertFree(directory: string, free: number, needed: number): void {
  if (free < needed)
    throw new RekindleError(
      'RK205',
      `${directory} has ${formatBytes(free)} free, up to ${formatBytes(needed)} are needed at one time`,
    );
}

export interface SpaceNeeds {
  /** Directory of the work folder. */
  work: string;
  /** Directory of the image. */
  image: string;
  usedBytes: number;
  /** Of a rescue system that was made before. */
  rescueBytes?: number;
}

/** Before anything is written. @throws RekindleError RK205 with both figures. */
export async function assertSpace(needs: SpaceNeeds): Promise<void> {
  const made = needs.rescueBytes === undefined ? undefined : { work: needs.rescueBytes, image: needs.rescueBytes };
  const peak = (freed: boolean): Peak => peakBytes(needs.usedBytes, freed, made);
  for (const place of [needs.work, needs.image]) await assertAnswers(place);
  if ((await stat(needs.work)).dev !== (await stat(needs.image)).dev) {
    assertFree(needs.work, await freeBytes(needs.work), peak(false).work);
    assertFree(needs.image, await freeBytes(needs.image), peak(true).image);
    return;
  }
  const { work, image } = peak(await canPunch(needs.work));
  assertFree(needs.image, await freeBytes(needs.image), work + image);
}
