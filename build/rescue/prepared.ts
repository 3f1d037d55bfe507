import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setFileNames } from '../../restore/archive/set-schema.ts';
import type { RescueOptions, RescueParts } from './main.ts';

const names = ['vmlinuz', 'initrd.img', setFileNames.rdBase] as const;

/** A rescue system that was made before, put into the tree. @param folder with vmlinuz, initrd.img and rd-base.squashfs */
export async function copyRescueSystem(
  folder: string,
  { tree, setDirectory }: Pick<RescueOptions, 'tree' | 'setDirectory'>,
): Promise<RescueParts> {
  await mkdir(join(tree, 'boot'), { recursive: true });
  const parts: Record<string, number> = {};
  for (const name of names) {
    const from = join(folder, name);
    await copyFile(from, join(name === setFileNames.rdBase ? setDirectory : join(tree, 'boot'), name));
    parts[name] = (await stat(from)).size;
  }
  return { parts, unpacked: {} };
}

/** Of its files together. */
export async function preparedBytes(folder: string): Promise<number> {
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
