import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ErrnoError,
  getXattr,
  listXattrs,
  mkdirat,
  O_PATH,
  openat,
  openat2,
  removeXattr,
  renameat2,
  resolveFlags,
  setMtime,
  setXattr,
  unlinkat,
} from '../src/index.ts';

const { RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS } = resolveFlags;

function freshDirectory(): { path: string; fd: number } {
  const path = mkdtempSync(join(tmpdir(), 'syscalls-at-'));
  const fd = openSync(path, 'r');
  onTestFinished(() => {
    closeSync(fd);
    rmSync(path, { recursive: true, force: true });
  });
  return { path, fd };
}

const codeOf = (action: () => unknown): string => {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof ErrnoError ? error.code : String(error);
  }
};

function contentOf(fd: number): string {
  const bytes = Buffer.alloc(100);
  try {
    return bytes.toString('utf8', 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

describe('openat2', () => {
  it('opens below a directory, and follows no link where none is allowed', () => {
    const { path, fd } = freshDirectory();
    mkdirSync(join(path, 'a/b'), { recursive: true });
    writeFileSync(join(path, 'a/b/file'), 'inside');
    symlinkSync('a', join(path, 'link'));
    symlinkSync('/a/b/file', join(path, 'absolute'));
    const rules = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    expect(contentOf(openat2(fd, './a//b/file', 0, rules))).toBe('inside');
    expect(contentOf(openat2(fd, 'link/b/file', 0, RESOLVE_BENEATH))).toBe('inside');
    expect(contentOf(openat2(fd, 'absolute', 0, RESOLVE_IN_ROOT))).toBe('inside');
    expect(codeOf(() => openat2(fd, 'link/b/file', 0, rules))).toBe('ELOOP');
    expect(codeOf(() => openat2(fd, 'absolute', 0, RESOLVE_BENEATH))).toBe('EXDEV');
    expect(codeOf(() => openat2(fd, '../x', 0, rules))).toBe('EXDEV');
    expect(codeOf(() => openat2(fd, '/etc', 0, rules))).toBe('EXDEV');
    expect(codeOf(() => openat2(fd, 'a/nothing', 0, rules))).toBe('ENOENT');
  });

  it('makes a file with its mode, of any name, and closes it on exec', () => {
    const { path, fd } = freshDirectory();
    const name = Buffer.from([0xff, 0x0a, 0x20]);
    const made = openat2(fd, name, 0o101, RESOLVE_BENEATH, 0o640);
    onTestFinished(() => closeSync(made));
    expect(statSync(Buffer.concat([Buffer.from(`${path}/`), name])).mode & 0o777).toBe(0o640);
    expect(readFileSync(`/proc/self/fdinfo/${made}`, 'utf8')).toMatch(/^flags:\s+02[0-7]{6}$/m);
  });

  it('with O_PATH only names a place: a link itself too', () => {
    const { path, fd } = freshDirectory();
    symlinkSync('nowhere', join(path, 'link'));
    const place = openat2(fd, 'link', O_PATH | 0o400000, RESOLVE_NO_SYMLINKS);
    onTestFinished(() => closeSync(place));
    expect(codeOf(() => setMtime(place, 0n))).toBe('EBADF');
    expect(codeOf(() => openat(fd, 'link', 0o400000))).toBe('ELOOP');
  });
});

describe('names in open directories', () => {
  it('are made, moved and removed, whatever the directory is called by then', () => {
    const { path, fd } = freshDirectory();
    mkdirat(fd, 'one', 0o700);
    mkdirat(fd, Buffer.from([0xfe]));
    expect(codeOf(() => mkdirat(fd, 'one'))).toBe('EEXIST');
    const one = openat(fd, 'one', 0);
    onTestFinished(() => closeSync(one));
    execFileSync('mv', [join(path, 'one'), join(path, 'renamed')]);
    writeFileSync(join(path, 'file'), 'moved');
    renameat2({ directory: fd, name: 'file' }, { directory: one, name: 'new\nname' });
    expect(readFileSync(join(path, 'renamed/new\nname'), 'utf8')).toBe('moved');
    expect(existsSync(join(path, 'file'))).toBe(false);
    symlinkSync('/etc', join(path, 'renamed/link'));
    unlinkat(one, 'link');
    expect(codeOf(() => unlinkat(one, 'link'))).toBe('ENOENT');
    expect(codeOf(() => unlinkat(fd, 'renamed'))).toBe('EISDIR');
    expect(codeOf(() => unlinkat(fd, 'renamed', 'directory'))).toBe('ENOTEMPTY');
    unlinkat(one, 'new\nname');
    unlinkat(fd, 'renamed', 'directory');
    expect(existsSync(join(path, 'renamed'))).toBe(false);
  });

  it('a move replaces a file or a link, never a directory that holds something', () => {
    const { path, fd } = freshDirectory();
    for (const name of ['a', 'b', 'full/x']) {
      mkdirSync(join(path, 'full'), { recursive: true });
      writeFileSync(join(path, name), name);
    }
    symlinkSync('full', join(path, 'link'));
    mkdirSync(join(path, 'directory'));
    const move = (from: string, to: string): void =>
      renameat2({ directory: fd, name: from }, { directory: fd, name: to });
    move('a', 'b');
    expect(readFileSync(join(path, 'b'), 'utf8')).toBe('a');
    move('b', 'link');
    expect(lstatSync(join(path, 'link')).isFile()).toBe(true);
    expect(codeOf(() => move('link', 'full'))).toBe('EISDIR');
    expect(codeOf(() => move('directory', 'full'))).toBe('ENOTEMPTY');
    expect(codeOf(() => move('directory', 'link'))).toBe('ENOTDIR');
    expect(codeOf(() => move('nothing', 'x'))).toBe('ENOENT');
  });
});

describe('a file that is open', () => {
  it('gets attributes and a time by its descriptor', () => {
    const { path, fd } = freshDirectory();
    setXattr(fd, 'user.one', Buffer.from([0, 0xff]));
    setXattr(fd, 'user.empty', Buffer.alloc(0));
    expect(listXattrs(fd).sort()).toEqual(['user.empty', 'user.one']);
    expect(getXattr(fd, 'user.one')).toEqual(Buffer.from([0, 0xff]));
    expect(getXattr(fd, 'user.empty')).toEqual(Buffer.alloc(0));
    expect(listXattrs(path)).toEqual(listXattrs(fd));
    removeXattr(fd, 'user.one');
    expect(codeOf(() => removeXattr(fd, 'user.one'))).toBe('ENODATA');
    expect(codeOf(() => setXattr(fd, 'unknown', Buffer.alloc(0)))).toBe('EOPNOTSUPP');
    const { atimeNs } = lstatSync(path, { bigint: true });
    setMtime(fd, -1n);
    expect(lstatSync(path, { bigint: true })).toMatchObject({ mtimeNs: -1n, atimeNs });
  });
});
