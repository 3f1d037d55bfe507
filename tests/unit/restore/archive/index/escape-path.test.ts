import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapePath, unescapePath } from '../../../../../restore/archive/index/escape-path.ts';

const anyBytes = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
/** Where the decisions are: backslashes, digits, controls, lead and continuation bytes, text in other scripts. */
const nastyBytes = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(
          '\\',
          '\\n',
          '\\101',
          '0',
          '7',
          '\n',
          '\t',
          '\x7f',
          'é',
          '日本',
          '🖴',
          '\u202e',
          '\u0085',
          '\u2028',
          'a',
        )
        .map((text) => Buffer.from(text)),
      fc.constantFrom(0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xf0, 0xff).map((byte) => Buffer.of(byte)),
    ),
    { maxLength: 20 },
  )
  .map((parts) => Buffer.concat(parts));

describe('escaped paths', () => {
  it('[C13] give back the bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes, nastyBytes), (path) => {
        const text = escapePath(path);
        expect(unescapePath(text)).toEqual(path);
      }),
      { numRuns: 5000 },
    );
  });

  it('are one field of one line that cannot steer a terminal', () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes, nastyBytes), (path) => {
        expect(escapePath(path)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\ufffd]/u);
      }),
      { numRuns: 5000 },
    );
  });

  it('keep what a person would grep for', () => {
    expect(escapePath(Buffer.from('./home/Jürgen/日本 🖴.txt'))).toBe('./home/Jürgen/日本 🖴.txt');
    expect(escapePath(Buffer.concat([Buffer.from('ü-'), Buffer.of(0xff), Buffer.from('-é\n')]))).toBe('ü-\\377-é\\n');
  });

  it('are spelled as tar spells them, and tar -T reads them', () => {
    const work = mkdtempSync(join(tmpdir(), 'escape-'));
    try {
      const names = [
        'plain',
        'line\nbreak',
        'tab\there',
        'back\\slash',
        'bell\x07',
        'del\x7f',
        'é',
        'quote"\'',
        'esc\x1b[2J',
      ];
      const paths = [...names.map((name) => Buffer.from(name)), Buffer.from('bad-\xff\xfe', 'latin1')];
      for (const path of paths) writeFileSync(Buffer.concat([Buffer.from(`${work}/`), path]), '');
      const list = paths.map((path) => `${escapePath(path)}\n`).join('');
      const tar = ['-C', work, '--no-recursion', '-T', '-'];
      const env = { ...process.env, LC_ALL: 'C.UTF-8' };
      const archive = execFileSync('tar', ['-c', ...tar], { input: list, env });
      const told = execFileSync('tar', ['-t', '--quoting-style=escape'], { input: archive, env, encoding: 'utf8' });
      expect(told).toBe(list);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });

  it('with an unknown escape are refused', () => {
    for (const text of ['\\', 'a\\', '\\x', '\\8', '\\40', '\\400', '\\N', '\\é'])
      expect(unescapePath(text)).toBeNull();
  });
});
