import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErrnoError, getInodeFlags } from '@rekindle/linux-syscalls';
import { run } from '../../../common/run.ts';
import { withMount, withPartitions } from '../harness/loop.ts';
import type { DiskManifest, Entry, Manifest } from './entry.ts';
import { featuresOf } from './features.ts';

const slash = Buffer.from('/');
/** Flags that the file system sets for itself: extents, index, inline data, huge file; btrfs: not worth compressing. */
const ownFlags = 0x400 | 0x80000 | 0x1000 | 0x10000000 | 0x40000;

/** Reads everything of a disk image whose machine is off. */
export async function collectDisk(image: string): Promise<DiskManifest> {
  return withPartitions(image, async (device) => {
    const table = (await run(['sfdisk', '-d', device])).stdout.replaceAll(device, 'DISK');
    const contents: Record<string, string> = {};
    const files: Manifest = {};
    const { stdout } = await run(['lsblk', '--noheadings', '--raw', '--output', 'PATH', device]);
    for (const node of stdout.split('\n').filter((line) => line.startsWith(`${device}p`))) {
      const number = node.slice(device.length + 1);
      const { stdout: probe } = await run(['blkid', '-p', '-o', 'export', node], { okExit: [0, 2] });
      contents[number] = probe
        .split('\n')
        // Of this host, not of the disk; and a btrfs gives each of its devices an id of its own, nobody else's business.
        .filter((line) => !/^(DEVNAME|PART_ENTRY_DISK)=/.test(line))
        .filter((line) => !(/^TYPE=btrfs$/m.test(probe) && line.startsWith('UUID_SUB=')))
        .concat(await featuresOf(node, /^TYPE=(.*)$/m.exec(probe)?.[1] ?? ''))
        .sort()
        .join('\n');
      if (/^TYPE=ext/m.test(probe))
        await withMount(node, 'ro,noload', async (directory) => collectTree(directory, `p${number}`, files));
      if (/^TYPE=xfs/m.test(probe))
        await withMount(node, 'ro,norecovery,nouuid', async (directory) => collectTree(directory, `p${number}`, files));
      if (/^TYPE=btrfs/m.test(probe)) await collectBtrfs(node, `p${number}`, files);
      if (/^TYPE=vfat/m.test(probe)) await collectFat(node, `p${number}`, files);
    }
    return { table, contents, files };
  });
}

/** Everything below a directory, other file systems included. */
export async function collectTree(root: string, prefix: string, files: Manifest): Promise<void> {
  const xattrs = await readXattrs(root);
  const inodes = new Map<string, string>();
  const walk = (path: Buffer, name: string): void => {
    files[`${prefix}${name}`] = describe(path, name, inodes, xattrs);
    if (!lstatSync(path).isDirectory()) return;
    for (const child of readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare))
      walk(Buffer.concat([path, slash, child]), `${name}/${child.toString('latin1')}`);
  };
  walk(Buffer.from(root), '');
}

function describe(path: Buffer, name: string, inodes: Map<string, string>, xattrs: Map<string, string>): Entry {
  const stat = lstatSync(path, { bigint: true });
  const isFile = stat.isFile();
  // Each subvolume of a btrfs counts its own.
  const inode = `${stat.dev}:${stat.ino}`;
  const first = stat.nlink > 1n && !stat.isDirectory() ? (inodes.get(inode) ?? name) : '';
  if (first === name) inodes.set(inode, name);
  return {
    type: typeOf(stat),
    mode: (stat.mode & 0o7777n).toString(8),
    owner: `${stat.uid}:${stat.gid}`,
    size: isFile ? String(stat.size) : '',
    mtime: String(stat.mtimeNs),
    link: stat.isSymbolicLink() ? readlinkSync(path, { encoding: 'buffer' }).toString('latin1') : '',
    device: stat.isBlockDevice() || stat.isCharacterDevice() ? `${stat.rdev}` : '',
    hardLinks: first,
    xattrs: xattrs.get(name) ?? '',
    flags: isFile || stat.isDirectory() ? (flagsOf(path) & ~ownFlags).toString(16) : '',
    sha256: isFile ? hashFile(path) : '',
    // Only whether it is sparse counts: block counts differ with the layout of extents.
    sparse: isFile && stat.size > 1_000_000n ? String(stat.blocks * 512n < stat.size / 2n) : '',
  };
}

/** The empty folder that a btrfs snapshot shows in place of a nested subvolume has none. */
function flagsOf(path: Buffer): number {
  try {
    return getInodeFlags(path);
  } catch (error) {
    if (error instanceof ErrnoError && error.code === 'ENOTTY') return 0;
    throw error;
  }
}

function typeOf(stat: BigIntStats): string {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'link';
  if (stat.isBlockDevice()) return 'block device';
  if (stat.isCharacterDevice()) return 'character device';
  return stat.isFIFO() ? 'fifo' : 'socket';
}

const chunk = Buffer.alloc(4 << 20);

function hashFile(path: Buffer): string {
  const hash = createHash('sha256');
  const fd = openSync(path, 'r');
  try {
    for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

/** All extended attributes, ACLs and capabilities among them, by path. getfattr writes odd bytes as \ooo. */
async function readXattrs(root: string): Promise<Map<string, string>> {
  const { stdout } = await run(['getfattr', '-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', root], {
    okExit: [0, 1],
  });
  const found = new Map<string, string>();
  for (const block of stdout.split('\n\n')) {
    const [head = '', ...lines] = block.trim().split('\n');
    const escaped = head.replace(/^# file: /, '');
    const path = Buffer.from(
      escaped.replaceAll(/\\(\d{3})/g, (_, octal: string) => `\0${octal}`),
      'utf8',
    )
      .toString('latin1')
      .replaceAll(/\0(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    if (path.startsWith(root)) found.set(path.slice(root.length), lines.sort().join('\n'));
  }
  return found;
}

/** Each subvolume as a folder of the top level. The kernel remembers a device by its file system's UUID: source and target share one. */
async function collectBtrfs(node: string, prefix: string, files: Manifest): Promise<void> {
  try {
    await withMount(node, 'ro,subvolid=5', async (directory) => collectTree(directory, prefix, files));
  } finally {
    await run(['btrfs', 'device', 'scan', '--forget', node], { okExit: [0, 1] });
  }
}

/** An EFI system partition, with mtools: this host's kernel has no vfat. */
async function collectFat(node: string, prefix: string, files: Manifest): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'rekindle-fat-'));
  try {
    await run(['mcopy', '-s', '-n', '-Q', '-i', node, '::/*', directory], { env: { MTOOLS_SKIP_CHECK: '1' } });
    const all: Manifest = {};
    await collectTree(directory, prefix, all);
    for (const [name, entry] of Object.entries(all))
      if (name !== prefix) files[name] = { ...entry, mtime: '', mode: '', owner: '', xattrs: '', flags: '' };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
