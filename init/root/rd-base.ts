import { createHash } from 'node:crypto';
import { constants, mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { attachLoop, detachLoop, mount, mountFlags, umount } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes } from '../../common/format.ts';
import type { MediumSeal } from '../../common/medium-seal.ts';
import { availableMemory } from './memory.ts';

export const newRoot = '/newroot';
/** Mount points of the rescue system's parts, the last one mounted last. */
export const rootMounts = {
  copy: '/run/rekindle/toram',
  lower: '/run/rekindle/rd-base',
  upper: '/run/rekindle/overlay',
};

/** Of the one rd-base: the initrd's seal says it. */
type Digest = MediumSeal['rdBase'];

const chunkBytes = 1 << 20;
/** Left for everything else when rd-base is copied to RAM. */
const reserveBytes = 128 << 20;

/**
 * Reads the squashfs once and checks it against what came with the kernel; with `copyTo` it is copied on the way.
 * The next chunk is read while this one is hashed. Opening it waits for nobody, and it is read no further than it must be.
 * @throws RekindleError RK105
 */
export async function checkRdBase(file: string, expected: Digest, copyTo: string | null): Promise<void> {
  let source: FileHandle | null = null;
  let copy: FileHandle | null = null;
  try {
    source = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
    const found = await source.stat();
    if (!found.isFile()) throw new RekindleError('RK105', `${file} is no regular file`);
    if (found.size !== expected.size) throw wrongSize(file, found.size, expected);
    copy = copyTo === null ? null : await open(copyTo, 'w', 0o600);
    const { size, digest } = await readThrough(source, copy, expected.size);
    if (size !== expected.size) throw wrongSize(file, size, expected);
    if (digest !== expected.sha256)
      throw new RekindleError('RK105', `${file}: SHA-256 is ${digest}, must be ${expected.sha256}`);
  } catch (error) {
    if (error instanceof RekindleError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK105', `${file} cannot be read: ${why}`, { cause: error });
  } finally {
    await source?.close();
    await copy?.close();
  }
}

function wrongSize(file: string, size: number, expected: Digest): RekindleError {
  return new RekindleError('RK105', `${file} has ${size} bytes, ${expected.size} were written`);
}

async function readThrough(
  source: FileHandle,
  copy: FileHandle | null,
  limit: number,
): Promise<{ size: number; digest: string }> {
  const hash = createHash('sha256');
  let size = 0;
  let [filling, other] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  let reading = source.read(filling, 0, chunkBytes, 0);
  for (;;) {
    const { bytesRead, buffer } = await reading.catch((error: unknown) => {
      throw new Error(`after ${formatBytes(size)}: ${error instanceof Error ? error.message : String(error)}`);
    });
    if (bytesRead === 0 || size > limit) return { size, digest: hash.digest('hex') };
    size += bytesRead;
    [filling, other] = [other, filling];
    reading = source.read(filling, 0, chunkBytes, size);
    // Where writing the copy fails nobody waits for this one any more.
    reading.catch(() => undefined);
    hash.update(buffer.subarray(0, bytesRead));
    // All of it: write() may take less.
    await copy?.writeFile(buffer.subarray(0, bytesRead));
  }
}

/** Whether a copy of rd-base would leave enough memory. @throws RekindleError RK108 */
export function assertRoomForCopy(size: number): void {
  const free = availableMemory();
  if (free < size + reserveBytes)
    throw new RekindleError(
      'RK108',
      `rekindle.toram needs ${formatBytes(size)} and ${formatBytes(reserveBytes)} more; ${formatBytes(free)} are free`,
    );
}

/** Checks rd-base and copies it to memory: its disc may be taken out later. Gives the copy's path. @throws RekindleError RK105, RK108 */
export async function copyRdBase(file: string, expected: Digest): Promise<string> {
  assertRoomForCopy(expected.size);
  mkdirSync(rootMounts.copy, { recursive: true });
  // Its own size: /run stops at half of the memory.
  mount('rd-base', rootMounts.copy, 'tmpfs', 0, `mode=0700,size=${expected.size + (2 << 20)}`);
  const copy = join(rootMounts.copy, 'rd-base.squashfs');
  try {
    await checkRdBase(file, expected, copy);
    return copy;
  } catch (error) {
    umount(rootMounts.copy);
    throw error;
  }
}

/**
 * Mounts rd-base, with a writable layer in memory, on /newroot.
 * @param file that was checked, or its copy in memory @throws RekindleError RK106
 */
export function mountRdBase(file: string): void {
  const { lower, upper } = rootMounts;
  let loop: string | null = null;
  try {
    for (const directory of [lower, upper, newRoot]) mkdirSync(directory, { recursive: true });
    loop = attachLoop(file);
    mount(loop, lower, 'squashfs', mountFlags.MS_RDONLY | mountFlags.MS_NODEV);
    loop = null;
    mount('overlay', upper, 'tmpfs', 0, 'mode=0755');
    for (const name of ['upper', 'work']) mkdirSync(join(upper, name), { mode: 0o755 });
    mount('overlay', newRoot, 'overlay', 0, `lowerdir=${lower},upperdir=${upper}/upper,workdir=${upper}/work`);
  } catch (error) {
    if (loop) detachLoop(loop);
    throw new RekindleError('RK106', error instanceof Error ? error.message : String(error), { cause: error });
  }
}
