import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { readSmallFile } from '../../common/files/read-small-file.ts';
import { visible } from '../../common/visible.ts';
import type { RecoverySet } from '../archive/open-set.ts';
import { setFileNames } from '../archive/set-schema.ts';

/** Bytes. */
const answerBytes = 1 << 20;

/**
 * The answer file that `create` put beside the set. It decides which disk is wiped: only the one that the manifest, and with it
 * a signature, vouches for is one.
 * @param medium where the set's first volume was, should it have made room
 * @returns its path; null where there is none @throws RekindleError RK365 for one that was put there or changed afterwards
 */
export async function answerOfSet(set: RecoverySet | null, medium: string): Promise<string | null> {
  const path = join(set?.volumes.get(1)?.directory ?? medium, setFileNames.answer);
  const digest = await digestOf(path);
  if (digest === null) return null;
  const written = set?.manifest?.files.find((file) => file.path === setFileNames.answer);
  if (written === undefined) throw new RekindleError('RK365', `${path} is not in the manifest`);
  if (digest !== written.sha256)
    throw new RekindleError('RK365', `${path}: SHA-256 is ${digest}, must be ${written.sha256}`);
  return path;
}

async function digestOf(path: string): Promise<string | null> {
  try {
    return createHash('sha256')
      .update(await readSmallFile(path, { limit: answerBytes }))
      .digest('hex');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new RekindleError('RK365', `${path}: ${visible(error instanceof Error ? error.message : String(error))}`);
  }
}
