import { join } from 'node:path';
import { isSea } from 'node:sea';
import { RekindleError } from '../common/errors/error.ts';
import { isThere } from '../common/files/is-there.ts';

/**
 * The executable that goes onto the medium: the running one. Run from the sources, it is the one that
 * `npm run build` made. @throws RekindleError RK212
 */
export async function ownExecutable(): Promise<string> {
  if (isSea()) return process.execPath;
  const built = join(import.meta.dirname, '../dist/rekindle');
  if (await isThere(built)) return built;
  throw new RekindleError('RK212', `${process.execPath} runs the sources, and ${built} is not there`);
}
