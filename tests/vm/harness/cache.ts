import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Built images live here, outside the repository; REKINDLE_CACHE names another place. */
export const cacheDirectory = process.env.REKINDLE_CACHE ?? join(homedir(), '.cache/rekindle');

/** Gives the file made by `make`, which runs only when no file for this recipe is there yet. */
export async function cached(name: string, recipe: unknown, make: (file: string) => Promise<void>): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
  const file = join(cacheDirectory, `${name}-${key}`);
  if (await stat(file).catch(() => null)) return file;
  await mkdir(cacheDirectory, { recursive: true });
  await rm(`${file}.part`, { force: true, recursive: true });
  await make(`${file}.part`);
  await rename(`${file}.part`, file);
  return file;
}
