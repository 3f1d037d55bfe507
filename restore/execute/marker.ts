import { opendir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { readSmallFile } from '../../common/files/read-small-file.ts';
import { lookOptions, whileReadOnly } from '../layout/read-only.ts';

/** /var/log/rekindle/restored.json of a restored machine. */
const markerSchema = z.object({ set: z.uuid(), at: z.string() });

/** Below /, and below a /var or /var/log of its own. */
const places = ['var/log/rekindle/restored.json', 'log/rekindle/restored.json', 'rekindle/restored.json'];

/** More than any marker has. Bytes. */
const longestMarker = 64 << 10;
/** Subvolumes that are looked into: a disk could be made with more names than anybody can wait for. */
const mostSubvolumes = 4096;

/** What a restored machine's / or /boot may be. */
const marked = /^(ext[234]|xfs|btrfs|f2fs|vfat)$/;

/**
 * UUID of the set that was restored onto this file system; null when there is no marker or it cannot be mounted.
 * Mounted read-only, journal not replayed: not a bit of it changes.
 */
export async function readMarker(device: string, type: string): Promise<string | null> {
  if (!marked.test(type)) return null;
  return whileReadOnly(device, type, lookOptions[type] ?? 'ro', (root) =>
    type === 'btrfs' ? findInSubvolumes(root) : findMarker(root),
  );
}

/** Its / may be any subvolume below the top level, or the top level itself. */
async function findInSubvolumes(root: string): Promise<string | null> {
  const top = await findMarker(root);
  if (top !== null) return top;
  let left = mostSubvolumes;
  for await (const entry of await opendir(root)) {
    if (left === 0) break;
    if (!entry.isDirectory()) continue;
    left -= 1;
    const found = await findMarker(join(root, entry.name));
    if (found !== null) return found;
  }
  return null;
}

async function findMarker(root: string): Promise<string | null> {
  for (const place of places) {
    try {
      const path = await realpath(join(root, place));
      // A link could lead out of the file system, into this rescue's own /var/log.
      if (!path.startsWith(`${await realpath(root)}/`)) continue;
      const marker = markerSchema.safeParse(
        JSON.parse((await readSmallFile(path, { limit: longestMarker })).toString('utf8')),
      );
      if (marker.success) return marker.data.set;
    } catch {
      // Not there, no small file, or no JSON: no marker.
    }
  }
  return null;
}
