import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../common/run.ts';
import { readAt } from '../../restore/proof/read/root.ts';
import type { Subject } from '../../restore/proof/subject.ts';
import type { DebianSystem } from '../fixtures/debian-system.ts';

/** An id that nothing has. */
export const nobody = '99999999-9999-4999-8999-999999999999';

export async function edit(at: DebianSystem, path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(at.path(path), 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`nothing in ${path} was changed`);
  await writeFile(at.path(path), after);
}

export async function only(at: DebianSystem, directory: string, pattern: RegExp): Promise<string> {
  const names = (await readdir(at.path(directory))).filter((name) => pattern.test(name));
  if (names.length !== 1) throw new Error(`${directory} has ${names.length} of ${pattern}`);
  return at.path(`${directory}/${names[0]}`);
}

export const kernel = (at: DebianSystem) => only(at, 'boot', /^vmlinuz-/);
export const initramfs = (at: DebianSystem) => only(at, 'boot', /^initrd\.img-\d/);

export async function zero(file: string, position: number, bytes: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(bytes), 0, bytes, position);
  await handle.close();
}

/** Packs the initramfs again, after a change of its files. */
export async function repack(at: DebianSystem, change: (tree: string) => Promise<void>): Promise<void> {
  const file = await initramfs(at);
  const tree = await mkdtemp(join(tmpdir(), 'rekindle-initramfs-'));
  try {
    await run(['sh', '-c', 'zstd -dc "$1" | (cd "$2" && cpio -id --quiet)', 'sh', file, tree]);
    await change(tree);
    await run(['sh', '-c', 'cd "$2" && find . | cpio -o -H newc --quiet | zstd -q -1 -f -o "$1"', 'sh', file, tree]);
  } finally {
    await rm(tree, { recursive: true });
  }
}

/** The disk's beginning as a file, which a test may write to; the image itself stays whole. */
export async function withDisk(at: DebianSystem, change: (file: string) => Promise<void>): Promise<Subject> {
  const [disk = ''] = at.subject.disks;
  const file = at.path('../disk');
  await writeFile(file, readAt(disk, 0, 4 << 20));
  await change(file);
  const devices = at.subject.devices.map((device) => (device.path === disk ? { ...device, path: file } : device));
  return { ...at.subject, disks: [file], devices };
}
