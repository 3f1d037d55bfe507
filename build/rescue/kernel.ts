import { open, readdir } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { isThere } from './tree.ts';

/** Offset and text of the boot protocol's header in an x86 kernel image (Documentation/x86/boot.rst). */
const headerOffset = 0x202;
const headerMagic = 'HdrS';

/** Whether a file is a kernel that a boot loader can start on this architecture. */
export async function isBootableKernel(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, headerOffset);
    return bytesRead === 4 && buffer.toString('latin1') === headerMagic;
  } finally {
    await file.close();
  }
}

/** The image of the running kernel. @throws RekindleError RK202 when there is none, RK203 when it cannot boot on bare metal. */
export async function findKernel(version = release(), root = '/'): Promise<string> {
  const candidates = [
    `boot/vmlinuz-${version}`,
    `usr/lib/modules/${version}/vmlinuz`,
    `lib/modules/${version}/vmlinuz`,
    'boot/vmlinuz-linux',
  ];
  for (const candidate of candidates) {
    const path = join(root, candidate);
    if (!(await isThere(path))) continue;
    if (await isBootableKernel(path)) return path;
    throw new RekindleError(
      'RK203',
      `${path} has no x86 boot header (a Xen or foreign kernel?). Others here: ${await otherKernels(root)}`,
    );
  }
  throw new RekindleError(
    'RK202',
    `Looked for ${candidates.map((name) => join(root, name)).join(', ')}. Others here: ${await otherKernels(root)}`,
  );
}

async function otherKernels(root: string): Promise<string> {
  const names = await readdir(join(root, 'boot')).catch((): string[] => []);
  return names.filter((name) => name.startsWith('vmlinuz')).join(', ') || 'none';
}
