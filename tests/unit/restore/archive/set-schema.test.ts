import { describe, expect, it } from 'vitest';
import { archiveSchema } from '../../../../restore/archive/set-schema.ts';

const file = { path: 'archives/001-root.tar.zst', size: 1, sha256: '0'.repeat(64) };
const archive = {
  name: '001-root',
  parts: [{ ...file, volume: 1 }],
  size: 1,
  index: { ...file, path: 'archives/001-root.tar.zst.idx' },
  frames: 1,
  mountPoint: '/',
  node: 'disk0:1',
  tarSize: 1,
  members: 1,
  attributes: 0,
  notes: 0,
};
const isTaken = (change: object): boolean => archiveSchema.safeParse({ ...archive, ...change }).success;

describe('an archive of a manifest', () => {
  it.each(['/', '/home', '/srv/a b', '/quote\'"', '/line\nbreak', '/..a/b..', '/.subvolumes/disk0-5/@', '/ä'])(
    'may have been mounted at %j',
    (mountPoint) => {
      expect(isTaken({ mountPoint })).toBe(true);
    },
  );

  it.each(['', '.', 'home', '../x', '/../x', '/a/../b', '/a/..', '/a/.', '/./a', '//', '//a', '/a/', '/a//b', '/a\0b'])(
    'was not mounted at %j',
    (mountPoint) => {
      expect(isTaken({ mountPoint })).toBe(false);
    },
  );

  it('of a device as it is has the id of that instead', () => {
    expect(isTaken({ mountPoint: 'disk0:2', method: 'dd' })).toBe(true);
    expect(isTaken({ mountPoint: 'disk0:2' })).toBe(false);
  });

  const detours = ['../x', '/x', 'a/../b', 'a//b', './a', 'a/', '', '.', '..', 'a\0b'];

  it.each(detours)('has no file at %j', (path) => {
    expect(isTaken({ index: { ...file, path } })).toBe(false);
    expect(isTaken({ parts: [{ ...file, path, volume: 1 }] })).toBe(false);
    expect(isTaken({ snapshot: { ...file, path } })).toBe(false);
  });

  it.each([...detours, 'a/b'])('is not called %j', (name) => {
    expect(isTaken({ name })).toBe(false);
  });

  it('was a subvolume at a plain path', () => {
    for (const subvolume of ['', '@', 'a/b', '..a']) expect(isTaken({ subvolume })).toBe(true);
    for (const subvolume of detours.filter((path) => path !== '')) expect(isTaken({ subvolume })).toBe(false);
  });
});
