import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where outside commands are looked for, whatever the caller's PATH is. */
export const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where a program lies that a command would start; null when this machine does not have it. */
export async function findProgram(name: string): Promise<string | null> {
  for (const directory of searchPath) if (await isProgram(join(directory, name))) return join(directory, name);
  return null;
}

/** As execvp(3) sees it: what is no file, or must not be executed, is passed over. */
async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
