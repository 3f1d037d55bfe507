import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { chroot, ErrnoError, MNT_DETACH, mount, mountFlags, pivotRoot, umount } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../common/errors/error.ts';
import { note } from '../say.ts';

/** Where our executable appears in the rescue system: the very file of the initramfs, so that it is in memory once. */
export const executablePath = '/usr/bin/rekindle';

/**
 * Makes `newRoot` the root. The kernel's file systems move along, the initramfs is emptied but for the executable.
 * pivot_root(2) refuses an initramfs (EINVAL) before Linux 7.2: then the mount is moved over / instead.
 * @throws RekindleError RK107
 */
export function switchRoot(newRoot: string): void {
  try {
    bindExecutable(newRoot);
    for (const name of ['proc', 'sys', 'dev', 'run']) moveMount(`/${name}`, join(newRoot, name));
    process.chdir(newRoot);
    removeInitramfs();
    try {
      pivotRoot('.', '.');
      umount('.', MNT_DETACH);
    } catch (error) {
      if (!(error instanceof ErrnoError) || error.code !== 'EINVAL') throw error;
      mount('.', '/', '', mountFlags.MS_MOVE);
      chroot('.');
    }
    process.chdir('/');
  } catch (error) {
    throw new RekindleError('RK107', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function bindExecutable(newRoot: string): void {
  const target = join(newRoot, executablePath);
  if (!existsSync(target)) closeSync(openSync(target, 'w'));
  chmodSync('/init', 0o755);
  mount('/init', target, '', mountFlags.MS_BIND);
}

function moveMount(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  mount(source, target, '', mountFlags.MS_MOVE);
}

/** Frees the initramfs's memory: everything on its device goes but /init, which is running. */
function removeInitramfs(): void {
  const device = lstatSync('/').dev;
  const remove = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (path === '/init' || lstatSync(path).dev !== device) continue;
      if (entry.isDirectory()) {
        remove(path);
        removeOne(() => rmdirSync(path), path);
      } else removeOne(() => unlinkSync(path), path);
    }
  };
  remove('/');
}

function removeOne(action: () => void, path: string): void {
  try {
    action();
  } catch (error) {
    // A mount point stays: it costs nothing.
    note(`kept ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
