import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PublicKey, parsePublicKey, renderPublicKey } from './public-key.ts';

/** Where `create` puts keys into the initrd and into rd-base: one minisign .pub file each. */
export const bakedKeysDirectory = '/etc/rekindle/trusted-keys';
/** Where init leaves those of the initrd: they came with the kernel, whatever rd-base came from. */
export const initrdKeysDirectory = '/run/rekindle/trusted-keys';

/** The files of keys, by path below the root; the same key twice is one file. */
export function keyFiles(keys: readonly PublicKey[]): Map<string, string> {
  const texts = [...new Set(keys.map(renderPublicKey))];
  return new Map(texts.map((text, index) => [`${bakedKeysDirectory}/${index + 1}.pub`, text]));
}

/**
 * The keys in the first of the directories that exists. @throws RekindleError RK333 for a file that is no key: with a guard that
 * is broken nothing is let in
 */
export async function readTrustedKeys(directories: readonly string[]): Promise<PublicKey[]> {
  for (const directory of directories) {
    const names = await readdir(directory).catch(() => null);
    if (names === null) continue;
    const files = names.filter((name) => name.endsWith('.pub')).toSorted();
    return Promise.all(
      files.map(async (name) => parsePublicKey(await readFile(join(directory, name), 'utf8'), join(directory, name))),
    );
  }
  return [];
}
