import { join } from 'node:path';
import { isThere } from '../../common/files/is-there.ts';
import { run } from '../../common/run.ts';
import type { ModuleSource } from './modules.ts';
import { loadedModules } from './modules.ts';
import type { RescueTree } from './tree.ts';

/**
 * Copies the firmware files that the loaded modules ask for and that this machine has, as they are: the kernel
 * reads compressed ones where its distribution uses them. Gives how many.
 */
export async function addFirmware(tree: RescueTree, source: ModuleSource): Promise<number> {
  const names = await loadedModules();
  if (names.length === 0) return 0;
  // One call for all. Exit 1: some are built in or of another kernel, and ask for nothing.
  const { stdout } = await run(['modinfo', '-k', source.release, '-F', 'firmware', ...names], { okExit: [0, 1] });
  let count = 0;
  for (const file of new Set(stdout.split('\n').filter((line) => line !== '')))
    for (const suffix of ['', '.xz', '.zst']) {
      const path = join('/lib/firmware', `${file}${suffix}`);
      if (!(await isThere(path))) continue;
      await tree.add(path);
      count += 1;
    }
  return count;
}
