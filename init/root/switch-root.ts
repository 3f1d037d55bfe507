import {
  closeSync,
  constants,
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

/** The kernel's file systems, in the order in which they move. */
const moved = ['proc', 'sys', 'dev', 'run'] as const;

/**
 * Makes `newRoot` the root; the kernel's file systems move along. Until the last step everything can be taken back.
 * Then the initramfs is emptied but for the executable.
 * @throws RekindleError RK107; the old root is still the root and whole.
 */
export function switchRoot(newRoot: string): void {
  const oldRoot = openSync('/', constants.O_RDONLY | constants.O_DIRECTORY);
  const executable = join(newRoot, executablePath);
  const undo: (() => void)[] = [];
  try {
    if (!existsSync(executable)) closeSync(openSync(executable, 'w', 0o755));
    mount('/init', executable, '', mountFlags.MS_BIND);
    undo.push(() => umount(executable));
    for (const name of moved) {
      const [source, target] = [`/${name}`, join(newRoot, name)];
      mkdirSync(target, { recursive: true });
      mount(source, target, '', mountFlags.MS_MOVE);
      undo.push(() => mount(target, source, '', mountFlags.MS_MOVE));
    }
    process.chdir(newRoot);
    undo.push(() => process.chdir('/'));
    changeRoot();
  } catch (error) {
    for (const step of undo.reverse()) quietly('taking back', step);
    closeSync(oldRoot);
    throw new RekindleError('RK107', error instanceof Error ? error.message : String(error), { cause: error });
  }
  empty(`/proc/self/fd/${oldRoot}`);
  closeSync(oldRoot);
}

/** pivot_root(2) refuses an initramfs (EINVAL) before Linux 7.2: then the mount is moved over / instead. */
function changeRoot(): void {
  try {
    pivotRoot('.', '.');
    umount('.', MNT_DETACH);
    note('root changed by pivot_root');
  } catch (error) {
    if (!(error instanceof ErrnoError && error.call === 'pivot_root' && error.code === 'EINVAL')) throw error;
    mount('.', '/', '', mountFlags.MS_MOVE);
    chroot('.');
    note('root changed by MS_MOVE: pivot_root does not take an initramfs here');
  }
  process.chdir('/');
}

/**
 * Frees the initramfs's memory: what lies on its device goes, but for /init, which is running.
 * Destroys files: `root` must be a RAM file system that nothing else uses, and is left alone otherwise.
 */
function empty(root: string): void {
  const { dev } = lstatSync(`${root}/.`);
  if (dev === lstatSync('/').dev || !existsSync(`${root}/init`)) {
    note('the initramfs was not emptied: it is not apart from the rescue system');
    return;
  }
  const remove = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = `${directory}/${entry.name}`;
      if (path === `${root}/init`) continue;
      quietly(`removing ${path}`, () => {
        if (lstatSync(path).dev !== dev) return;
        if (!entry.isDirectory()) return unlinkSync(path);
        remove(path);
        rmdirSync(path);
      });
    }
  };
  remove(root);
}

function quietly(what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    note(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
