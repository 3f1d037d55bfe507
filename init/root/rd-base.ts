import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { attachLoop, detachLoop, mount, mountFlags } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes } from '../../common/format.ts';
import type { RescueSet } from '../medium/set.ts';
import { note } from '../say.ts';
import { availableMemory } from './memory.ts';

export const newRoot = '/newroot';
/** Mount points of the rescue system's parts, the last one mounted last. */
export const rootMounts = {
  copy: '/run/rekindle/toram',
  lower: '/run/rekindle/rd-base',
  upper: '/run/rekindle/overlay',
};

const chunkBytes = 1 << 20;
/** Left for everything else when rd-base is copied to RAM. */
const reserveBytes = 128 << 20;

/**
 * Reads the squashfs once and checks it against set.json; with `copyTo` it is copied on the way.
 * The next chunk is read while this one is hashed.
 * @throws RekindleError RK105
 */
export async function checkRdBase(file: string, expected: RescueSet['rdBase'], copyTo: string | null): Promise<void> {
  const hash = createHash('sha256');
  let size = 0;
  let source: FileHandle | null = null;
  let copy: FileHandle | null = null;
  try {
    source = await open(file, 'r');
    copy = copyTo === null ? null : await open(copyTo, 'w', 0o600);
    let [filling, other] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
    let reading = source.read(filling, 0, chunkBytes, 0);
    for (;;) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0) break;
      size += bytesRead;
      [filling, other] = [other, filling];
      reading = source.read(filling, 0, chunkBytes, size);
      hash.update(buffer.subarray(0, bytesRead));
      await copy?.write(buffer, 0, bytesRead);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK105', `${file} cannot be read after ${formatBytes(size)}: ${why}`, { cause: error });
  } finally {
    await source?.close();
    await copy?.close();
  }
  if (size !== expected.size)
    throw new RekindleError('RK105', `${file} has ${size} bytes, ${expected.size} were written`);
  const digest = hash.digest('hex');
  if (digest !== expected.sha256)
    throw new RekindleError('RK105', `${file}: SHA-256 is ${digest}, must be ${expected.sha256}`);
}

/** Makes room in memory for a copy of rd-base. Gives the copy's path. @throws RekindleError RK108 */
function prepareCopy(size: number): string {
  const free = availableMemory();
  if (free < size + reserveBytes)
    throw new RekindleError(
      'RK108',
      `rekindle.toram needs ${formatBytes(size)} and ${formatBytes(reserveBytes)} more; ${formatBytes(free)} are free`,
    );
  mkdirSync(rootMounts.copy, { recursive: true });
  // Its own size: /run stops at half of the memory.
  mount('rd-base', rootMounts.copy, 'tmpfs', 0, `mode=0700,size=${size + (1 << 20)}`);
  return join(rootMounts.copy, 'rd-base.squashfs');
}

/**
 * Checks rd-base and mounts it, with a writable layer in memory, on /newroot.
 * @param toram copy it to memory first: the disc may be taken out later
 * @throws RekindleError RK105 RK106 RK108
 */
export async function prepareRoot(directory: string, set: RescueSet, toram: boolean): Promise<void> {
  const file = join(directory, set.rdBase.path);
  const copy = toram ? prepareCopy(set.rdBase.size) : null;
  const started = performance.now();
  await checkRdBase(file, set.rdBase, copy);
  note(`${file}: SHA-256 is right, ${formatBytes(set.rdBase.size)}, ${Math.round(performance.now() - started)} ms`);
  mountRdBase(copy ?? file);
}

function mountRdBase(file: string): void {
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
