import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RekindleError } from '../errors/error.ts';

/** Where a folder for a moment may be, the first that takes one. */
export const temporaryPlaces: readonly string[] = ['/tmp', '/run', '/var/tmp', '/dev/shm'];

/**
 * A folder of a random name, for root only: in the first of the places that can be written.
 * @throws RekindleError RK230 when none can
 */
export async function makeTemporaryFolder(
  prefix: string,
  places: readonly string[] = [tmpdir(), ...temporaryPlaces],
): Promise<string> {
  const refusals: string[] = [];
  for (const place of new Set(places)) {
    try {
      return await mkdtemp(join(place, prefix));
    } catch (error) {
      refusals.push(`${place}: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`);
    }
  }
  throw new RekindleError('RK230', refusals.join(', '));
}
