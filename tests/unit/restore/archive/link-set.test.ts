import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkSet } from '../../../../restore/archive/link-set.ts';

const bytes = (path: string): Buffer => Buffer.from(path, 'latin1');

/** 'a/b' of any spelling. */
function plain(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function setOf(paths: readonly string[]): LinkSet {
  const set = new LinkSet();
  for (const path of paths) set.add(bytes(path));
  return set;
}

describe('a set of links', () => {
  it('knows a path by any spelling, and what is below it', () => {
    const set = setOf(['./a//link', 'b/.', '\xff\n']);
    expect(['a/link', './a/link/', './/a/./link', 'b', './\xff\n'].map((path) => set.has(bytes(path)))).toEqual(
      Array(5).fill(true),
    );
    expect(['a', 'link', 'a/lin', 'a/linkx', 'ab', '.', ''].map((path) => set.has(bytes(path)))).toEqual(
      Array(7).fill(false),
    );
    expect(set.above(bytes('./a/link/x/y'))?.toString()).toBe('./a/link');
    expect(set.above(bytes('./b/x'))?.toString()).toBe('./b');
    expect(['./a/link', './a/linkx/y', 'x/b/c', './'].map((path) => set.above(bytes(path)))).toEqual(
      Array(4).fill(null),
    );
    set.delete(bytes('./a/link'));
    expect(set.has(bytes('a/link'))).toBe(false);
    expect(set.has(bytes('b'))).toBe(true);
    expect(new LinkSet().isEmpty).toBe(true);
  });

  it('says the same as a set of words', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c', '.', '', 'ab'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.array(path, { maxLength: 30 }), path, (paths, asked) => {
        const set = setOf(paths);
        const words = new Set(paths.map(plain));
        expect(set.has(bytes(asked))).toBe(words.has(plain(asked)));
        const parts = plain(asked).split('/');
        const above = parts.slice(1).some((_, index) => words.has(parts.slice(0, index + 1).join('/')));
        expect(set.above(bytes(asked)) !== null).toBe(above);
      }),
    );
  });

  it('of a million is small, and mixes none of them up', () => {
    const before = process.memoryUsage().arrayBuffers;
    const set = new LinkSet();
    const count = 1_000_000;
    for (let index = 0; index < count; index += 1)
      set.add(bytes(`./usr/share/some/folder-${index % 1000}/link-${index}`));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 << 20);
    for (let index = 0; index < count; index += 1000)
      expect(set.has(bytes(`usr/share/some/folder-${index % 1000}/link-${index}`))).toBe(true);
    let wrong = 0;
    for (let index = 0; index < count; index += 1)
      if (set.has(bytes(`./usr/share/some/folder-${index % 1000}/file-${index}`))) wrong += 1;
    expect(wrong).toBe(0);
  });
});

describe('a set of links of a file system that ignores case', () => {
  it('meets each by every spelling that such a file system takes for it', () => {
    const links = new LinkSet(true);
    for (const path of ['./srv/Link', './stra\u00dfe', './caf\u00e9']) links.add(Buffer.from(path));
    for (const path of ['./srv/Link', './SRV/link', './STRASSE', './cafe\u0301', './CAF\u00c9', './sr\u200bv/link'])
      expect(links.has(Buffer.from(path)), path).toBe(true);
    expect(links.above(Buffer.from('./SRV/LINK/passwd'))?.toString()).toBe('./srv/link');
    expect(links.has(Buffer.from('./srv/links'))).toBe(false);
    const exact = new LinkSet();
    exact.add(Buffer.from('./srv/Link'));
    expect(exact.has(Buffer.from('./srv/link'))).toBe(false);
  });
});
