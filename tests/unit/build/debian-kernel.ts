import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';

const cache = process.env.REKINDLE_CACHE ?? join(homedir(), '.cache/rekindle');

export interface KernelRoot {
  release: string;
  /** Holds boot/ and lib/modules/. */
  root: string;
}

/** Debian's kernel, unpacked once: the kernel that runs these tests may have no modules at all. */
export async function debianKernel(): Promise<KernelRoot> {
  const depends = await run(['apt-cache', 'depends', '--important', 'linux-image-amd64']);
  const name = /Depends: (\S+)/.exec(depends.stdout)?.[1] ?? '';
  const release = name.replace('linux-image-', '');
  const root = join(cache, name);
  if (await stat(root).catch(() => null)) return { release, root };
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'kernel-'));
  try {
    await run(['apt-get', 'download', name], { cwd: work });
    const file = (await readdir(work)).find((each) => each.endsWith('.deb')) ?? '';
    await run(['dpkg', '-x', join(work, file), join(work, 'root')]);
    await run(['depmod', '-b', join(work, 'root'), release]);
    await rename(join(work, 'root'), root).catch(() => undefined); // another worker was first
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { release, root };
}
