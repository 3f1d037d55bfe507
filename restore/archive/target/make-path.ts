import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder of the user's own with all above it; the way may lead through links. Unlike mkdir of Node, which calls a file
 * system that nobody may write to one where nothing is, it says why it cannot. @throws NodeJS.ErrnoException naming the folder
 */
export function makePath(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found === undefined && dirname(path) !== path) makePath(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else made it meanwhile.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
