import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import { makeDifficultTree } from '../../fixtures/difficult-tree.ts';
import { cached } from '../harness/cache.ts';
import { withPartitions } from '../harness/loop.ts';
import { debianTar } from './debian.ts';
import { grubSettings } from './grub-settings.ts';
import type { Shape } from './shapes.ts';

const loaderVersion = 5;

/** A disk image with a Debian that boots, made once for this shape. Copy it before use. */
export async function sourceImage(shape: Shape, smallFiles: number): Promise<string> {
  const tar = await debianTar();
  return cached(`source-${shape.name}.img`, { shape, tar, smallFiles, loaderVersion }, async (file) => {
    await run(['truncate', '-s', `${shape.sizeMiB}M`, file]);
    await run(['sfdisk', '--quiet', file], { input: `${shape.table}\n` });
    await withPartitions(file, (device) => fill(device, file, tar, shape, smallFiles));
  });
}

async function fill(device: string, image: string, tar: string, shape: Shape, smallFiles: number): Promise<void> {
  const node = (number: number): string => `${device}p${number}`;
  const parts = Object.entries(shape.partitions).map(([number, part]) => ({ number: Number(number), ...part }));
  for (const { number, type, label } of parts) {
    if (type === 'ext4') await run(['mke2fs', '-q', '-t', 'ext4', '-L', label, node(number)]);
    else if (type === 'swap') await run(['mkswap', '-q', '-L', label, node(number)]);
    else await run(['mkfs.fat', '-F', '32', '-n', label, node(number)]);
  }
  const root = await mkdtemp(join(tmpdir(), 'rekindle-source-'));
  const mounted = parts
    .filter((part) => part.type === 'ext4' && part.at !== undefined)
    .toSorted((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1));
  try {
    for (const { number, at = '/' } of mounted) {
      await mkdir(join(root, at), { recursive: true });
      // Lies hidden below the mount point later: it must be saved too.
      if (at !== '/') await writeFile(join(root, at, 'hidden-below-the-mount'), `below ${at}\n`);
      await run(['mount', node(number), join(root, at)]);
    }
    await run(['tar', '-xpf', tar, '-C', root, '--xattrs', '--xattrs-include=*', '--numeric-owner']);
    await configure(root, shape, parts, node);
    await installLoader(root, device, shape, parts, node, image);
    const server = await makeDifficultTree(join(root, 'srv'), smallFiles);
    server.close();
  } finally {
    await run(['umount', '-R', root], { okExit: [0, 1, 32] });
    await rm(root, { recursive: true });
  }
}

type Parts = { number: number; type: string; at?: string }[];

async function uuidOf(device: string): Promise<string> {
  return (await run(['blkid', '-p', '-o', 'value', '-s', 'UUID', device])).stdout.trim();
}

async function configure(root: string, shape: Shape, parts: Parts, node: (number: number) => string): Promise<void> {
  const lines: string[] = [];
  for (const part of parts) {
    const uuid = await uuidOf(node(part.number));
    if (part.type === 'swap') lines.push(`UUID=${uuid} none swap sw 0 0`);
    else
      lines.push(
        `UUID=${uuid} ${part.at} ${part.type} ${part.type === 'vfat' ? 'umask=0077' : 'errors=remount-ro'} 0 ${part.at === '/' ? 1 : 2}`,
      );
  }
  await writeFile(join(root, 'etc/fstab'), `${lines.join('\n')}\n`);
  await writeFile(join(root, 'etc/hostname'), `${shape.name}\n`);
  await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost ${shape.name}\n`);
  await run(['chroot', root, 'chpasswd'], { input: 'root:rekindle\n' });
  await run(['chroot', root, 'systemctl', 'enable', 'serial-getty@ttyS0.service']);
  await writeFile(join(root, 'etc/default/grub'), grubSettings);
}

async function installLoader(
  root: string,
  device: string,
  shape: Shape,
  parts: Parts,
  node: (number: number) => string,
  image: string,
): Promise<void> {
  for (const name of ['dev', 'proc', 'sys']) await run(['mount', '--bind', `/${name}`, join(root, name)]);
  await run(['chroot', root, 'update-grub']);
  await replaceLoopNames(join(root, 'boot/grub/grub.cfg'), parts, node);
  if (shape.firmware === 'bios') await run(['chroot', root, 'grub-install', '--target=i386-pc', device]);
  else await fillEsp(root, parts, node, image);
}

/** Without udev grub-mkconfig writes the loop device's name as root=. */
async function replaceLoopNames(file: string, parts: Parts, node: (number: number) => string): Promise<void> {
  const rootPart = parts.find(({ at }) => at === '/')?.number ?? 1;
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(/root=\/dev\/loop\S+/g, `root=UUID=${await uuidOf(node(rootPart))}`));
}

/** What grub-install puts on an ESP, with mtools: this host's kernel cannot mount vfat. */
async function fillEsp(root: string, parts: Parts, node: (number: number) => string, _image: string): Promise<void> {
  const esp = node(parts.find(({ type }) => type === 'vfat')?.number ?? 1);
  const rootUuid = await uuidOf(node(parts.find(({ at }) => at === '/')?.number ?? 1));
  const early = `search.fs_uuid ${rootUuid} root\nset prefix=($root)'/boot/grub'\nconfigfile $prefix/grub.cfg\n`;
  await writeFile(join(root, 'tmp/early.cfg'), early);
  const modules = [
    'part_gpt',
    'ext2',
    'fat',
    'normal',
    'linux',
    'search',
    'search_fs_uuid',
    'configfile',
    'echo',
    'test',
    'gzio',
    'all_video',
    'gfxterm',
    'loadenv',
    'minicmd',
  ];
  await run([
    'chroot',
    root,
    'grub-mkimage',
    '-O',
    'x86_64-efi',
    '-p',
    '/boot/grub',
    '-c',
    '/tmp/early.cfg',
    '-o',
    '/tmp/grubx64.efi',
    ...modules,
  ]);
  await run(['cp', '-r', '/usr/lib/grub/x86_64-efi', join(root, 'boot/grub/')]);
  for (const directory of ['EFI', 'EFI/debian', 'EFI/BOOT']) await run(['mmd', '-i', esp, `::/${directory}`]);
  await run(['mcopy', '-i', esp, join(root, 'tmp/grubx64.efi'), '::/EFI/debian/grubx64.efi']);
  await run(['mcopy', '-i', esp, join(root, 'tmp/grubx64.efi'), '::/EFI/BOOT/BOOTX64.EFI']);
  await rm(join(root, 'tmp/early.cfg'));
  await rm(join(root, 'tmp/grubx64.efi'));
  await mkdir(join(root, 'boot/efi'), { recursive: true });
}
