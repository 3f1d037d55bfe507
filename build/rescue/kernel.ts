import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { RekindleError } from '../../common/errors/error.ts';
import { isThere } from '../../common/files/is-there.ts';
import type { Compression } from './segment.ts';

/** Offset and text of the boot protocol's header in an x86 kernel image (Documentation/arch/x86/boot.rst). */
const headerOffset = 0x202;
const headerMagic = 'HdrS';
/** Bit 0 of xloadflags, protocol 2.12: the kernel has the 64-bit entry point. */
const loadFlagsOffset = 0x236;

/** Whether a file is an x86-64 kernel that a boot loader can start on bare metal. */
export async function isBootableKernel(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(0x240), 0, 0x240, 0);
    if (bytesRead < 0x240 || buffer.toString('latin1', headerOffset, headerOffset + 4) !== headerMagic) return false;
    const protocol = buffer.readUInt16LE(0x206);
    return protocol < 0x020c || (buffer.readUInt16LE(loadFlagsOffset) & 1) === 1;
  } finally {
    await file.close();
  }
}

/** The image of a kernel. @throws RekindleError RK202 when there is none, RK203 when it cannot boot on bare metal. */
export async function findKernel(release: string, root = '/'): Promise<string> {
  const candidates = [
    `boot/vmlinuz-${release}`,
    `usr/lib/modules/${release}/vmlinuz`,
    `lib/modules/${release}/vmlinuz`,
    ...(await unversionedKernel(release, root)),
  ].map((name) => join(root, name));
  for (const path of candidates) {
    if (!(await isThere(path))) continue;
    if (await isBootableKernel(path)) return path;
    throw new RekindleError(
      'RK203',
      `${path} has no 64-bit x86 boot header (a Xen or foreign kernel?). Others here: ${await otherKernels(root)}`,
    );
  }
  throw new RekindleError('RK202', `Looked for ${candidates.join(', ')}. Others here: ${await otherKernels(root)}`);
}

/** Arch Linux names its image after the package, which `pkgbase` beside the modules holds. */
async function unversionedKernel(release: string, root: string): Promise<string[]> {
  const name = await readFile(join(root, 'usr/lib/modules', release, 'pkgbase'), 'utf8').catch(() => '');
  return name.trim() === '' ? [] : [`boot/vmlinuz-${name.trim()}`];
}

/** Kernel images here, each with whether it can boot on bare metal. */
async function otherKernels(root: string): Promise<string> {
  const names = (await readdir(join(root, 'boot')).catch((): string[] => [])).filter((name) => /^vmlinuz/.test(name));
  const marked = await Promise.all(
    names.map(async (name) => ((await isBootableKernel(join(root, 'boot', name))) ? name : `${name} (not bootable)`)),
  );
  return marked.join(', ') || 'none';
}

/** The build configuration of a kernel as text; empty when nothing holds it. */
async function readConfiguration(release: string, root: string): Promise<string> {
  for (const name of [`boot/config-${release}`, `usr/lib/modules/${release}/config`, `lib/modules/${release}/config`]) {
    const text = await readFile(join(root, name), 'utf8').catch(() => '');
    if (text !== '') return text;
  }
  if (root !== '/') return '';
  const packed = await readFile('/proc/config.gz').catch(() => null);
  return packed ? gunzipSync(packed).toString() : '';
}

/** How an initrd for this kernel may be compressed. Without a configuration: zstd, which came with 5.9. */
export async function initrdCompression(release: string, root = '/'): Promise<Compression> {
  const text = await readConfiguration(release, root);
  if (text !== '') return /^CONFIG_RD_ZSTD=y$/m.test(text) ? 'zstd' : 'gzip';
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 9) ? 'zstd' : 'gzip';
}
