import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getAsset, isSea } from 'node:sea';

/** Where they are on the medium, which is often the only place that can be read then. */
const folder = '/usr/share/doc/rekindle';

/** What the screens and the texts of errors refer to. */
export const manualNames = ['by-hand.md', 'errors.md', 'command-line.md', 'format.md'] as const;

/** In the executable: the licences of all that it holds. */
export const licencesAsset = 'licences.txt';

/** Manuals by their path on the medium; with all licences where the executable makes it. */
export async function manuals(): Promise<Map<string, string>> {
  if (!isSea()) {
    const docs = join(import.meta.dirname, '../../docs');
    const texts = await Promise.all(manualNames.map((name) => readFile(join(docs, name), 'utf8')));
    return new Map(manualNames.map((name, index) => [`${folder}/${name}`, texts[index] ?? '']));
  }
  const ours = manualNames.map((name): [string, string] => [`${folder}/${name}`, getAsset(name, 'utf8')]);
  return new Map([...ours, [`${folder}/LICENCES.txt`, getAsset(licencesAsset, 'utf8')]]);
}
