import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../common/run.ts';
import { isThere, type RescueTree } from './tree.ts';

/** Copies the firmware files that the loaded modules ask for and that this machine has. Gives how many. */
export async function addFirmware(tree: RescueTree): Promise<number> {
  const text = await readFile('/proc/modules', 'utf8').catch(() => '');
  const names = text
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '');
  let count = 0;
  for (const name of names) {
    const { stdout } = await run(['modinfo', '-F', 'firmware', name], { okExit: [0, 1] });
    for (const file of stdout.split('\n').filter((line) => line !== ''))
      for (const suffix of ['', '.xz', '.zst']) {
        const path = join('/lib/firmware', `${file}${suffix}`);
        if (!(await isThere(path))) continue;
        await tree.add(path);
        count += 1;
      }
  }
  return count;
}
