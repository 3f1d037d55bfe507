import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Built images live here, outside the repository; REKINDLE_CACHE names another place. */
export const cacheDirectory = process.env.REKINDLE_CACHE ?? join(homedir(), '.cache/rekindle');

/**
 * Gives the file made by `make`, which runs only when no file for this recipe is there yet. Another run that makes the same one
 * is waited for.
 */
export async function cached(name: string, recipe: unknown, make: (file: string) => Promise<void>): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
  const file = join(cacheDirectory, `${name}-${key}`);
  const isMade = async (): Promise<boolean> => (await stat(file).catch(() => null)) !== null;
  if (await isMade()) return file;
  await mkdir(cacheDirectory, { recursive: true });
  const lock = `${file}.lock`;
  await take(lock);
  try {
    if (await isMade()) return file;
    await rm(`${file}.part`, { force: true, recursive: true });
    await make(`${file}.part`);
    await rename(`${file}.part`, file);
    return file;
  } finally {
    await rm(lock, { force: true });
  }
}

/** Removes what was made under this name, whatever its recipe, before that moment; what lies beside it goes with it. */
export async function forgetOlder(name: string, before: Date): Promise<void> {
  for (const entry of await readdir(cacheDirectory)) {
    if (!new RegExp(`^${RegExp.escape(name)}-[0-9a-f]{16}`).test(entry)) continue;
    const file = join(cacheDirectory, entry);
    if ((await stat(file)).mtime < before) await rm(file, { recursive: true });
  }
}

/** The lock names its process: one that was killed holds it no longer. */
async function take(lock: string): Promise<void> {
  for (;;) {
    try {
      return await writeFile(lock, `${process.pid}`, { flag: 'wx' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    await sleep(1000);
    // Empty a second later: its process was killed before it wrote its number.
    const owner = await readFile(lock, 'utf8').catch(() => null);
    if (owner !== null && !existsSync(`/proc/${owner || 'none'}`)) await rm(lock, { force: true });
  }
}
