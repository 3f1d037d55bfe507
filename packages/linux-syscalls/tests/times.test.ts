import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ErrnoError, listXattrs, removeXattr, setMtime } from '../src/index.ts';

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'syscalls-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

it('setMtime sets the time to the nanosecond, before 1970 too, of a link itself, and leaves the access time', () => {
  const directory = freshDirectory();
  const file = join(directory, 'file');
  writeFileSync(file, '');
  symlinkSync('nowhere', join(directory, 'link'));
  const { atimeNs } = lstatSync(file, { bigint: true });
  for (const time of [1_795_633_549_123_456_789n, -446_061_299_123_456_789n, 0n]) {
    for (const path of [file, join(directory, 'link')]) {
      setMtime(path, time);
      expect(lstatSync(path, { bigint: true }).mtimeNs).toBe(time);
    }
    expect(lstatSync(file, { bigint: true }).atimeNs).toBe(atimeNs);
  }
  expect(() => setMtime(join(directory, 'nothing'), 0n)).toThrowError(ErrnoError);
});

it('removeXattr removes one attribute', () => {
  const file = join(freshDirectory(), 'file');
  writeFileSync(file, '');
  for (const name of ['user.one', 'user.two']) execFileSync('setfattr', ['-n', name, '-v', 'x', file]);
  removeXattr(file, 'user.one');
  expect(listXattrs(file)).toEqual(['user.two']);
  expect(() => removeXattr(file, 'user.one')).toThrowError(expect.objectContaining({ code: 'ENODATA' }));
});
