import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { findTool, isThere, type RescueTree } from './tree.ts';

const loader = '/lib64/ld-linux-x86-64.so.2';

/**
 * Proves inside the tree that every program has its execute bit, its loader and all libraries: the loader itself
 * resolves each of them under chroot. Needs root.
 * @throws RekindleError RK204 naming the program and the library.
 */
export async function proveTree(tree: RescueTree): Promise<void> {
  const missing = new Map<string, string>();
  const queue = [...tree.programs];
  const prove = async (): Promise<void> => {
    for (let program = queue.pop(); program !== undefined; program = queue.pop()) {
      const { stdout, stderr, exitCode } = await run(['chroot', tree.directory, loader, '--list', program], {
        okExit: [0, 1, 126, 127],
      });
      const lost = [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
      if (lost.length > 0 || exitCode !== 0) missing.set(program, lost.join(', ') || stderr.trim());
    }
  };
  await Promise.all(Array.from({ length: 4 }, prove));
  const first = [...missing].map(([program, what]) => `${program} needs ${what}`).join('; ');
  if (first !== '') throw new RekindleError('RK204', first);
}

/** Libraries in folders that only /etc/ld.so.conf names are found on the medium through its own cache. */
export async function makeLibraryCache(tree: RescueTree): Promise<void> {
  if (await isThere('/etc/ld.so.conf')) {
    await tree.write('/etc/ld.so.conf', await readFile('/etc/ld.so.conf', 'utf8'));
    await tree.addDirectory('/etc/ld.so.conf.d');
  }
  const ldconfig = await findTool('ldconfig');
  if (ldconfig) await run([ldconfig, '-r', tree.directory, '-X'], { okExit: [0, 1] });
  if (ldconfig && !(await isThere(join(tree.directory, 'etc/ld.so.cache'))))
    await run([ldconfig, '-r', tree.directory]);
}
