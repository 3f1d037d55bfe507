import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attachLoop,
  detachLoop,
  ErrnoError,
  finitModule,
  getInodeFlags,
  inodeFlags,
  mount,
  mountFlags,
  peekDeadChild,
  pivotRoot,
  reapChild,
  setInodeFlags,
  syncfs,
  umount,
} from '../src/index.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'syscalls-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function failureOf(action: () => unknown): ErrnoError {
  try {
    action();
  } catch (error) {
    if (error instanceof ErrnoError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('errors', () => {
  it('name errno, call and arguments', () => {
    const error = failureOf(() => mount('/dev/none', '/nowhere/at/all', 'ext4', mountFlags.MS_RDONLY));
    expect(error.code).toBe('ENOENT');
    expect(error.call).toBe('mount');
    expect(error.args).toEqual(['/dev/none', '/nowhere/at/all', 'ext4', 1, '']);
    expect(error.message).toBe('mount("/dev/none", "/nowhere/at/all", "ext4", 1, ""): ENOENT');
  });

  it('umount2 and pivot_root of what is no mount point: EINVAL', () => {
    expect(failureOf(() => umount(directory)).code).toBe('EINVAL');
    const put = join(directory, 'put');
    mkdirSync(put);
    expect(failureOf(() => pivotRoot(directory, put)).code).toMatch(/EINVAL|EBUSY/);
  });

  it('finit_module refuses what is no module', () => {
    const file = join(directory, 'x.ko');
    writeFileSync(file, 'not a module');
    expect(failureOf(() => finitModule(file)).code).toMatch(/ENOEXEC|EPERM|ENOSYS|EINVAL/);
  });
});

describe('mount', () => {
  it('mounts a tmpfs with options and unmounts it', () => {
    const target = join(directory, 'tmpfs');
    mkdirSync(target);
    mount('tmpfs', target, 'tmpfs', mountFlags.MS_NODEV, 'size=1m');
    expect(readFileSync('/proc/self/mounts', 'utf8')).toContain(`${target} tmpfs rw,nodev`);
    const fd = openSync(target, 'r');
    syncfs(fd);
    closeSync(fd);
    umount(target);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(target);
  });
});

describe('inode flags', () => {
  it('sets and reads what lsattr shows, also on a name that is not UTF-8', () => {
    const name = Buffer.concat([Buffer.from(`${directory}/`), Buffer.of(0xff, 0x0a, 0x2d)]);
    writeFileSync(name, '');
    setInodeFlags(name, getInodeFlags(name) | inodeFlags.append);
    expect(getInodeFlags(name) & inodeFlags.append).toBe(inodeFlags.append);
    setInodeFlags(name, getInodeFlags(name) & ~inodeFlags.append);
    expect(getInodeFlags(name) & inodeFlags.append).toBe(0);
  });
});

describe('loop devices', () => {
  it('show a file read-only', () => {
    const image = join(directory, 'image');
    writeFileSync(image, Buffer.alloc(1 << 20, 'rekindle'));
    const device = attachLoop(image);
    try {
      expect(execFileSync('blockdev', ['--getro', device], { encoding: 'utf8' }).trim()).toBe('1');
      expect(readFileSync(device).subarray(0, 8).toString()).toBe('rekindle');
    } finally {
      detachLoop(device);
    }
  });
});

describe('children', () => {
  it('peeks without reaping, so that Node still learns of the exit', async () => {
    const child = spawn('true');
    const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
    // Block the event loop, so that libuv cannot be faster.
    execFileSync('sleep', ['0.1']);
    const seen = peekDeadChild();
    expect([child.pid, null]).toContain(seen);
    expect(await exit).toBe(0);
    expect(reapChild(child.pid ?? 0)).toBeNull();
  });
});
