import { fstatSync } from 'node:fs';
import { RekindleError } from '../../common/errors/error.ts';
import { isCode, lookFlags, obstacleNow, openRoot, type Root, withBeneath } from '../archive/target/beneath.ts';
import type { Action } from '../plan/step.ts';
import { type TargetPath, targetPaths } from '../plan/target-paths.ts';

/**
 * Before an action works by name on what was restored: no link of the set leads it out to this system, and no device node to a disk.
 * What is not there yet is in nobody's way.
 * @throws RekindleError RK374 naming the link and where it points, RK310 for '..'
 */
export function assertOwnPlace(action: Action): void {
  for (const path of targetPaths(action)) assertOwn(path);
}

function assertOwn({ root, path }: TargetPath): void {
  using top = openIfThere(root);
  if (top === null) return;
  const name = Buffer.from(path);
  try {
    if (withBeneath(top.fd, name, lookFlags, isFolderOrFile)) return;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    if (!isCode(error, 'ELOOP', 'ENOTDIR')) throw error;
  }
  const obstacle = obstacleNow(top.fd, name) ?? `${path} is not what it was a moment ago`;
  throw new RekindleError('RK374', `${root}/${obstacle}; ${root}/${path} is not touched`);
}

function isFolderOrFile(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isDirectory() || stat.isFile();
}

function openIfThere(root: string): Root | null {
  try {
    return openRoot(root);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}
