import { type Check, fail, pass } from '../check.ts';
import { readTarget } from '../read/target.ts';

/** What the kernel's command line names, or else its own choice. */
export function initOf(options: readonly string[] | null): string {
  const named = options?.findLast((option) => option.startsWith('init='))?.slice('init='.length);
  return named ?? '/sbin/init';
}

export const init: Check = {
  id: 'init',
  title: 'the first program of the system is there',
  stopsBoot: true,
  run(subject) {
    const { root } = subject;
    const path = initOf(readTarget(subject).options);
    const found = root.stat(path);
    const hint =
      'Take it out of the backup again ("rekindle extract"), or install the package systemd-sysv (or your init) again.';
    if (found === null || !found.isFile()) return fail(`${path} does not exist, or leads nowhere`, hint);
    if ((found.mode & 0o111) === 0) return fail(`${path} may not be executed`, hint);
    const head = root.head(path, 4)?.toString('latin1') ?? '';
    if (head !== '\x7fELF' && !head.startsWith('#!')) return fail(`${path} is no program`, hint);
    return pass(`${path} is ${root.locate(path)?.slice(root.directory === '/' ? 0 : root.directory.length) ?? path}`);
  },
};
