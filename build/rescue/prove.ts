import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { isThere } from '../../common/files/is-there.ts';
import { findProgram } from '../../common/find-program.ts';
import { lastWords, run } from '../../common/run.ts';
import type { RescueTree } from './tree.ts';

/** The loader says it in two ways. */
const missingLibrary = /^\s*(\S+) => not found|loading shared libraries: (\S+):/gm;
const loader = '/lib64/ld-linux-x86-64.so.2';

/**
 * Proves inside the tree that every program has its execute bit, its loader and all libraries: the loader itself
 * resolves each of them under chroot. Needs root.
 * @throws RekindleError RK204 naming the program and the library.
 */
export async function proveTree(tree: RescueTree): Promise<void> {
  for (const program of tree.programs) await access(join(tree.directory, program), constants.X_OK);
  if (await proveAll(tree)) return;
  const missing: string[] = [];
  for (const program of tree.programs) {
    const { stdout, stderr, exitCode } = await run(['chroot', tree.directory, loader, '--list', program], {
      okExit: [0, 1, 126, 127],
    });
    const lost = [...`${stdout}${stderr}`.matchAll(missingLibrary)].map((match) => match[1] ?? match[2]);
    if (lost.length > 0 || exitCode !== 0)
      missing.push(`${program} needs ${lost.join(', ') || lastWords(stderr || stdout)}`);
  }
  if (missing.length > 0) throw new RekindleError('RK204', missing.join('; '));
}

/** All programs in one go, by the tree's own xargs where it has one. False: look at them one by one. */
async function proveAll(tree: RescueTree): Promise<boolean> {
  const xargs = '/usr/bin/xargs';
  if (!tree.programs.includes(xargs)) return false;
  const { stdout, exitCode } = await run(['chroot', tree.directory, xargs, '-0', '-n', '1', loader, '--list'], {
    input: tree.programs.join('\0'),
    okExit: [0, 1, 123, 124, 125, 126, 127],
  });
  return exitCode === 0 && !stdout.includes('not found');
}

/** Libraries in folders that only /etc/ld.so.conf names are found on the medium through its own cache. */
export async function makeLibraryCache(tree: RescueTree): Promise<void> {
  if (await isThere('/etc/ld.so.conf')) {
    await tree.write('/etc/ld.so.conf', await readFile('/etc/ld.so.conf', 'utf8'));
    await tree.addDirectory('/etc/ld.so.conf.d');
  }
  const ldconfig = await findProgram('ldconfig');
  if (ldconfig) await run([ldconfig, '-r', tree.directory, '-X'], { okExit: [0, 1] });
  if (ldconfig && !(await isThere(join(tree.directory, 'etc/ld.so.cache'))))
    await run([ldconfig, '-r', tree.directory]);
}
