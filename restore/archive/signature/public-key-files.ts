import { readFile } from 'node:fs/promises';
import { type PublicKey, parsePublicKey } from './public-key.ts';

/** Reads minisign .pub files. @throws RekindleError RK333 naming the one that is none; what the system refuses */
export async function readPublicKeys(files: readonly string[]): Promise<PublicKey[]> {
  return Promise.all(
    files.map(async (file) => {
      return parsePublicKey(await readFile(file, 'utf8'), file);
    }),
  );
}
