import { readFile } from 'node:fs/promises';
import { RekindleError } from '../../../common/errors/error.ts';
import { type PublicKey, parsePublicKey } from './public-key.ts';

/** Reads minisign .pub files. @throws RekindleError RK333 naming the one that is none, or cannot be read */
export async function readPublicKeys(files: readonly string[]): Promise<PublicKey[]> {
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        throw new RekindleError('RK333', `${file}: ${error instanceof Error ? error.message : String(error)}`);
      });
      return parsePublicKey(text, file);
    }),
  );
}
