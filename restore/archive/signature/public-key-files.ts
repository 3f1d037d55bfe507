import { readNamedFile } from '../../../common/files/read-named-file.ts';
import { type PublicKey, parsePublicKey } from './public-key.ts';

/** Reads minisign .pub files. @throws RekindleError RK333 naming the one that is none, RK009; what the system refuses */
export async function readPublicKeys(files: readonly string[]): Promise<PublicKey[]> {
  return Promise.all(
    files.map(async (file) => {
      return parsePublicKey((await readNamedFile(file)).toString('utf8'), file);
    }),
  );
}
