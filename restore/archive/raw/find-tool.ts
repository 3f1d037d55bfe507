import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanEnvironment } from '../../../common/run.ts';

/** Whether a program is on the path that outside commands run with. */
export async function findTool(name: string): Promise<boolean> {
  for (const directory of (cleanEnvironment.PATH ?? '').split(':')) {
    const found = await access(join(directory, name), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
