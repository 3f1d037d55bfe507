import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Root } from '../../../../restore/proof/read/root.ts';

let work = '';
let root: Root;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-root-'));
  mkdirSync(join(work, 'system/etc'), { recursive: true });
  mkdirSync(join(work, 'system/usr/sbin'), { recursive: true });
  writeFileSync(join(work, 'secret'), 'of the rescue');
  writeFileSync(join(work, 'system/etc/name'), 'restored');
  writeFileSync(join(work, 'system/usr/sbin/init'), 'program');
  const links = {
    sbin: 'usr/sbin',
    'etc/absolute': '/etc/name',
    'etc/up': '../../../../../etc/name',
    'etc/out': '../../secret',
    'etc/rescue': join(work, 'secret'),
    'etc/loop': 'loop',
    'etc/nowhere': '/nothing',
  };
  for (const [link, target] of Object.entries(links)) symlinkSync(target, join(work, 'system', link));
  root = new Root(join(work, 'system'));
});
afterAll(() => rmSync(work, { recursive: true }));

describe('[C11] links of a restored system are followed inside of it only', () => {
  it.each(['/etc/absolute', '/etc/up', '/etc/../../../etc/name'])('%s is the file of the system', (path) => {
    expect(root.text(path)).toBe('restored');
  });

  it.each(['/etc/out', '/etc/rescue', '/../secret', '/etc/loop', '/etc/nowhere', '/etc/name/below'])(
    '%s leads nowhere',
    (path) => {
      expect(root.text(path)).toBeNull();
      expect(root.stat(path)).toBeNull();
    },
  );

  it('directories may be links', () => {
    expect(root.isFile('/sbin/init')).toBe(true);
    expect(root.list('/sbin')).toEqual(['init']);
    expect(root.findAnyCase('/', 'USR/SBIN/INIT')).toBe('/usr/sbin/init');
  });
});
