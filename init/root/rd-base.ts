import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { attachLoop, detachLoop, mount, mountFlags } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes } from '../../common/format.ts';
import type { RescueSet } from '../medium/set.ts';

export const newRoot = '/newroot';
const lower = '/run/rekindle/rd-base';
const upper = '/run/rekindle/overlay';

/** MemAvailable of /proc/meminfo in bytes. */
export function availableMemory(): number {
  return Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024;
}

/** Checks the squashfs against set.json, reading it once; with a copy target it is copied on the way. @throws RekindleError RK105 */
export async function checkRdBase(file: string, expected: RescueSet['rdBase'], copyTo: string | null): Promise<void> {
  const hash = createHash('sha256');
  let size = 0;
  const count = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  const sink =
    copyTo === null
      ? new Writable({ write: (_chunk, _encoding, done) => done() })
      : createWriteStream(copyTo, { mode: 0o600 });
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), count, sink);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK105', `${file} cannot be read after ${formatBytes(size)}: ${why}`, { cause: error });
  }
  if (size !== expected.size)
    throw new RekindleError('RK105', `${file} has ${size} bytes, ${expected.size} were written`);
  const digest = hash.digest('hex');
  if (digest !== expected.sha256)
    throw new RekindleError('RK105', `${file}: SHA-256 is ${digest}, must be ${expected.sha256}`);
}

/** Mounts rd-base with a writable layer in memory on /newroot. @throws RekindleError RK106 */
export function mountRdBase(file: string): void {
  let loop: string | null = null;
  try {
    for (const directory of [lower, upper, newRoot]) mkdirSync(directory, { recursive: true });
    loop = attachLoop(file);
    mount(loop, lower, 'squashfs', mountFlags.MS_RDONLY);
    mount('overlay', upper, 'tmpfs', 0, 'mode=0755');
    for (const name of ['upper', 'work']) mkdirSync(join(upper, name), { mode: 0o755, recursive: true });
    mount('overlay', newRoot, 'overlay', 0, `lowerdir=${lower},upperdir=${upper}/upper,workdir=${upper}/work`);
  } catch (error) {
    if (loop) detachQuietly(loop);
    throw new RekindleError('RK106', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function detachQuietly(device: string): void {
  try {
    detachLoop(device);
  } catch {
    return; // it is busy because the squashfs is mounted: a retry mounts over it
  }
}
