import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrnoError, getInodeFlags, getProject, setProject } from '../src/index.ts';

let work = '';
let at = '';

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'project-'));
  at = join(work, 'mnt');
  mkdirSync(at);
});
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

function image(size: string, mkfs: readonly [string, ...string[]]): string {
  const file = join(work, `${mkfs[0]}.img`);
  execFileSync('truncate', ['-s', size, file]);
  const [tool, ...argv] = mkfs;
  execFileSync(tool, [...argv, file]);
  return file;
}

function mounted<T>(file: string, options: string, use: () => T): T {
  execFileSync('mount', ['-o', options, file, at], { stdio: 'pipe' });
  try {
    return use();
  } finally {
    execFileSync('umount', [at]);
  }
}

const codeOf = (action: () => unknown): string => {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof ErrnoError ? error.code : String(error);
  }
};

const withProjects = ['mke2fs', '-q', '-F', '-t', 'ext4', '-O', 'project,quota', '-E', 'quotatype=prjquota'] as const;

/** Many kernels mount an ext4 with projects for reading only (CONFIG_QFMT_V2); xfs needs nothing, but its tools. */
function writableWithProjects(): string | null {
  const ext4 = image('64M', withProjects);
  if (spawnSync('mount', ['-o', 'loop', ext4, at]).status === 0) {
    execFileSync('umount', [at]);
    return ext4;
  }
  return spawnSync('mkfs.xfs', ['-V']).status === 0 ? image('400M', ['mkfs.xfs', '-q', '-f']) : null;
}

describe('project ids', () => {
  it('are read: of files and directories, by path and by descriptor, up to the largest', () => {
    const tree = join(work, 'tree');
    mkdirSync(join(tree, 'directory'), { recursive: true });
    for (const name of ['of-none', 'of-one', 'of-largest']) writeFileSync(join(tree, name), '');
    const file = image('64M', [...withProjects, '-d', tree]);
    for (const [name, project] of [
      ['directory', '7'],
      ['of-one', '4242'],
      ['of-largest', '4294967294'],
    ])
      execFileSync('debugfs', ['-w', '-R', `set_inode_field /${name} projid ${project}`, file], { stdio: 'pipe' });
    mounted(file, 'ro,loop', () => {
      expect(getProject(join(at, 'directory'))).toBe(7);
      expect(getProject(Buffer.from(join(at, 'of-one')))).toBe(4242);
      expect(getProject(join(at, 'of-none'))).toBe(0);
      const fd = openSync(join(at, 'of-largest'), 'r');
      expect(getProject(fd)).toBe(4_294_967_294);
      closeSync(fd);
      expect(codeOf(() => setProject(join(at, 'of-one'), 1))).toBe('EROFS');
    });
  });

  it('are refused where there are none', () => {
    const file = join(work, 'plain');
    writeFileSync(file, '');
    symlinkSync(file, join(work, 'link'));
    const plain = image('16M', ['mke2fs', '-q', '-F', '-t', 'ext4']);
    mounted(plain, 'loop', () => {
      expect(getProject(at)).toBe(0);
      expect(codeOf(() => setProject(at, 5))).toBe('EOPNOTSUPP');
    });
    expect(codeOf(() => getProject('/dev/null'))).toBe('ENOTTY');
    expect(codeOf(() => getProject(join(work, 'link')))).toBe('ELOOP');
    expect(codeOf(() => getProject(join(work, 'nothing')))).toBe('ENOENT');
  });

  it('are set, and nothing else is changed', ({ skip }) => {
    const file = writableWithProjects();
    if (file === null) return skip('no ext4 with projects in this kernel, no mkfs.xfs');
    mounted(file, 'loop', () => {
      const name = Buffer.concat([Buffer.from(`${at}/`), Buffer.of(0xff, 0x0a)]);
      writeFileSync(name, '');
      execFileSync('chattr', ['+A', at]);
      const flags = getInodeFlags(at);
      for (const target of [name, at]) {
        setProject(target, 4242);
        expect(getProject(target)).toBe(4242);
      }
      expect(execFileSync('lsattr', ['-pd', at], { encoding: 'utf8' })).toMatch(/^ *4242 /);
      expect(getInodeFlags(at)).toBe(flags);
      setProject(at, 0);
      expect(getProject(at)).toBe(0);
    });
  });
});
