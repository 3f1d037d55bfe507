import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import { makeDifficultTree } from '../../fixtures/difficult-tree.ts';
import { cached } from '../harness/cache.ts';
import { withPartitions } from '../harness/loop.ts';
import { debianTar, suiteTar } from './debian.ts';
import { grubSettings } from './grub-settings.ts';
import { installLoader, uuidOf } from './loaders.ts';
import { makeFileSystems } from './make-file-systems.ts';
import { mountsOf, type NumberedPart, type Shape } from './shapes.ts';

const loaderVersion = 5;

/** A disk image with a Debian that boots, made once for this shape. Copy it before use. */
export async function sourceImage(shape: Shape, smallFiles: number): Promise<string> {
  const tar = await (shape.suite === undefined ? debianTar() : suiteTar(shape.suite));
  return cached(`source-${shape.name}.img`, { shape, tar, smallFiles, loaderVersion }, async (file) => {
    await run(['truncate', '-s', `${shape.sizeMiB}M`, file]);
    await run(['sfdisk', '--quiet', file], { input: `${shape.table}\n` });
    await withPartitions(file, (device) => fill(device, tar, shape, smallFiles));
  });
}

async function fill(device: string, tar: string, shape: Shape, smallFiles: number): Promise<void> {
  const parts = Object.entries(shape.partitions).map(([number, part]) => ({ number: Number(number), ...part }));
  await makeFileSystems(device, parts, shape.suite === undefined ? null : tar);
  const root = await mkdtemp(join(tmpdir(), 'rekindle-source-'));
  try {
    for (const { number, at, type, options } of mountsOf(parts)) {
      await mkdir(join(root, at), { recursive: true });
      // The host's kernel cannot mount it.
      if (type === 'vfat') continue;
      // Lies hidden below the mount point later: it must be saved too.
      if (at !== '/') await writeFile(join(root, at, 'hidden-below-the-mount'), `below ${at}\n`);
      await run(['mount', '-o', options, `${device}p${number}`, join(root, at)]);
    }
    await run(['tar', '-xpf', tar, '-C', root, '--xattrs', '--xattrs-include=*', '--numeric-owner']);
    await configure(root, shape, parts, device);
    await installLoader({ root, device, shape, parts });
    const server = await makeDifficultTree(join(root, 'srv'), smallFiles);
    server.close();
  } finally {
    await run(['umount', '-R', root], { okExit: [0, 1, 32] });
    await rm(root, { recursive: true });
  }
}

async function configure(root: string, shape: Shape, parts: readonly NumberedPart[], device: string): Promise<void> {
  const lines: string[] = [];
  for (const { number, type } of parts)
    if (type === 'swap') lines.push(`UUID=${await uuidOf(`${device}p${number}`)} none swap sw 0 0`);
  for (const { number, at, type, options } of mountsOf(parts)) {
    const pass = at === '/' ? 1 : 2;
    lines.push(`UUID=${await uuidOf(`${device}p${number}`)} ${at} ${type} ${options} 0 ${pass}`);
  }
  await writeFile(join(root, 'etc/fstab'), `${lines.join('\n')}\n`);
  await writeFile(join(root, 'etc/hostname'), `${shape.name}\n`);
  await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost ${shape.name}\n`);
  await run(['chroot', root, 'chpasswd'], { input: 'root:rekindle\n' });
  await run(['chroot', root, 'systemctl', 'enable', 'serial-getty@ttyS0.service']);
  await writeFile(join(root, 'etc/default/grub'), grubSettings);
  if (shape.suite !== undefined) await waitLonger(root);
  if (shape.locale !== undefined) await setLocale(root, shape.locale);
}

/** Emulated, and beside others, udev takes longer for a newer system's devices than the 90 s that systemd waits for each. */
async function waitLonger(root: string): Promise<void> {
  const directory = join(root, 'etc/systemd/system.conf.d');
  await mkdir(directory, { recursive: true });
  const limits = ['DefaultTimeoutStartSec', 'DefaultDeviceTimeoutSec'].map((name) => `${name}=10min\n`);
  await writeFile(join(directory, 'emulated.conf'), `[Manager]\n${limits.join('')}`);
}

async function setLocale(root: string, locale: string): Promise<void> {
  await writeFile(join(root, 'etc/locale.gen'), `${locale} ${locale.split('.')[1]}\n`);
  await run(['chroot', root, 'locale-gen'], { timeoutMs: 5 * 60_000 });
  await run(['chroot', root, 'update-locale', `LANG=${locale}`]);
}
