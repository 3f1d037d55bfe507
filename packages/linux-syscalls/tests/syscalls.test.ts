import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attachLoop,
  detachLoop,
  ErrnoError,
  errnoName,
  finitModule,
  getInodeFlags,
  getXattr,
  inodeFlags,
  listXattrs,
  mount,
  mountFlags,
  peekDeadChild,
  pivotRoot,
  reapChild,
  setConsoleLogLevel,
  setInodeFlags,
  setWindowSize,
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

  it('have names also where Node knows none', () => {
    expect(errnoName(-123)).toBe('ENOMEDIUM');
    expect(errnoName(2)).toBe('ENOENT');
    expect(errnoName(4000)).toBe('errno 4000');
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

  it('are the same by file descriptor, and refused on a symbolic link', () => {
    const file = join(directory, 'by-fd');
    writeFileSync(file, '');
    const fd = openSync(file, 'r');
    setInodeFlags(fd, getInodeFlags(fd) | inodeFlags.immutable);
    expect(execFileSync('lsattr', [file], { encoding: 'utf8' })).toMatch(/^-*i/);
    setInodeFlags(file, getInodeFlags(file) & ~inodeFlags.immutable);
    expect(getInodeFlags(fd)).toBe(getInodeFlags(file));
    closeSync(fd);
    symlinkSync(file, join(directory, 'link'));
    expect(failureOf(() => getInodeFlags(join(directory, 'link'))).code).toBe('ELOOP');
  });
});

describe('extended attributes', () => {
  it('are read from names that are not UTF-8, and from a link rather than its target', () => {
    const name = Buffer.concat([Buffer.from(`${directory}/x`), Buffer.of(0xfe)]);
    writeFileSync(name, '');
    symlinkSync(name, join(directory, 'xlink'));
    execFileSync('setfattr', ['-n', 'user.note', '-v', '0x610062', join(directory, 'xlink')]);
    expect(listXattrs(name)).toContain('user.note');
    expect(getXattr(name, 'user.note')).toEqual(Buffer.from('a\0b'));
    expect(listXattrs(join(directory, 'xlink'))).toEqual([]);
    expect(failureOf(() => getXattr(name, 'user.other')).code).toBe('ENODATA');
    expect(failureOf(() => listXattrs(join(directory, 'nothing'))).code).toBe('ENOENT');
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

describe('the kernel log on the console', () => {
  it('takes a level, and refuses one that does not exist', () => {
    expect(failureOf(() => setConsoleLogLevel(9)).code).toMatch(/EINVAL|EPERM/);
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

  it('reaps a child that libuv does not know', async () => {
    // The middle shell leaves its child behind; prctl-free adoption needs PID 1, so a pid namespace provides one.
    const script = `
      import { peekDeadChild, reapChild } from '${join(import.meta.dirname, '../src/index.ts')}';
      import { spawn } from 'node:child_process';
      spawn('sh', ['-c', '(sleep 0.2; exit 7) & exit 0']).on('exit', () => {
        const timer = setInterval(() => {
          const pid = peekDeadChild();
          if (pid === null) return;
          clearInterval(timer);
          console.log('status', reapChild(pid), 'then', peekDeadChild());
        }, 20);
      });`;
    const argv = ['--pid', '--fork', '--mount-proc', process.execPath, '--disable-warning=ExperimentalWarning'];
    const output = execFileSync('unshare', [...argv, '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(output.trim()).toBe(`status ${7 << 8} then null`);
  });
});

it('setWindowSize tells a terminal its size', () => {
  const fd = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  try {
    setWindowSize(fd, { rows: 50, columns: 132 });
    const { stdout } = spawnSync('stty', ['size'], { stdio: [fd, 'pipe', 'inherit'], encoding: 'utf8' });
    expect(stdout).toBe('50 132\n');
    expect(() => setWindowSize(openSync('/dev/null', 'r'), { rows: 1, columns: 1 })).toThrow('ENOTTY');
  } finally {
    closeSync(fd);
  }
});
