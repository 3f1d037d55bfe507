import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LinkSet } from '../../../../restore/archive/link-set.ts';
import { MemberCheck } from '../../../../restore/archive/member-check.ts';
import {
  endOfArchive,
  extendedHeader,
  headerBlock,
  padded,
  paxRecord,
  sparseHeader,
} from '../../../fixtures/tar-blocks.ts';

/** What came through, in bytes; in chunks that no block boundary knows of. */
async function passed(blocks: readonly Buffer[], chunk = 700): Promise<Buffer> {
  const bytes = Buffer.concat([...blocks, endOfArchive]);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
    bytes.subarray(index * chunk, (index + 1) * chunk),
  );
  const check = new MemberCheck();
  for (const each of chunks) check.push(each);
  return bytes;
}

const file = headerBlock({ name: './file', size: 3 });
const content = padded(Buffer.from('abc'));

const link = (name: string, linkName: string): Buffer => headerBlock({ name, type: '2', linkName });
const hard = (name: string, linkName: string): Buffer => headerBlock({ name, type: '1', linkName });

/** A directory as tar's listed-incremental writes it. */
function dumpdir(names: string): Buffer {
  return Buffer.concat([extendedHeader('x', paxRecord('GNU.dumpdir', names)), headerBlock({ name: './', type: '5' })]);
}

describe('the check of member names', () => {
  it('passes every byte on', async () => {
    const blocks = [file, content, headerBlock({ name: './..a/b..', type: '2', linkName: '/absolute/../target' })];
    expect(await passed(blocks)).toEqual(Buffer.concat([...blocks, endOfArchive]));
  });

  it('[B10] passes what an incremental archive says of a directory', async () => {
    const blocks = [dumpdir('Dsub\0N..file\0Yfile\0\0'), dumpdir('\0')];
    expect(await passed(blocks)).toEqual(Buffer.concat([...blocks, endOfArchive]));
  });

  it('[B10] refuses such names where tar does not write them: it deletes by them', async () => {
    const names = paxRecord('GNU.dumpdir', 'Yfile\0\0');
    for (const blocks of [
      [extendedHeader('g', names), file, content],
      [extendedHeader('x', names), file, content],
      [headerBlock({ name: './', type: 'D', size: 7 }), padded(Buffer.from('Yfile\0\0'))],
    ])
      await expect(passed(blocks)).rejects.toMatchObject({ code: 'RK308' });
  });

  const escapes: Record<string, Buffer[]> = {
    'an absolute name': [headerBlock({ name: '/etc/passwd' })],
    'a name with ..': [headerBlock({ name: './a/../../b' })],
    'a prefix': [headerBlock({ name: 'passwd', prefix: '../etc' })],
    'a long name': [extendedHeader('L', '../x\0'), file, content],
    'a path in a pax header': [extendedHeader('x', paxRecord('path', '/x')), file, content],
    "a path in Solaris' pax header": [extendedHeader('X', paxRecord('path', '/x')), file, content],
    'a path in a global header': [file, content, extendedHeader('g', paxRecord('path', '/x')), file, content],
    "a sparse file's name": [
      sparseHeader('../x', 0, paxRecord('path', './x')),
      headerBlock({ name: './x', size: 512 }),
      padded(Buffer.from('0\n')),
    ],
    'a directory that an incremental archive moves out': [dumpdir('Yfile\0R./a\0T../a\0\0')],
    'a directory that it moves in': [dumpdir('R/etc\0T./etc\0\0')],
    'a folder to move by way of': [dumpdir('X/tmp\0R./a\0T\0\0')],
    'a directory that it moves within: what lies in it might be links': [dumpdir('Yfile\0R./old\0T./new/old\0\0')],
    'a path in the names of a directory': [dumpdir('Y../file\0\0')],
    'names of no known kind': [dumpdir('Zfile\0\0')],
    "a hard link's target": [headerBlock({ name: './link', type: '1', linkName: '../target' })],
    'a file below a link of the archive': [link('./x', '/etc'), headerBlock({ name: './x/passwd' })],
    'the same, the link spelled in another way': [link('.//x/.', '..'), headerBlock({ name: 'x/passwd' })],
    'the same, the file spelled in another way': [link('x', 'y'), headerBlock({ name: './/./x//a/b' })],
    'the same, by a long name': [link('./a/x', 'y'), extendedHeader('L', './a/x/f\0'), file, content],
    'the same, by a name in a pax header': [
      extendedHeader('x', paxRecord('path', './x') + paxRecord('linkpath', '/etc')),
      link('./harmless', 'harmless'),
      headerBlock({ name: './x/passwd' }),
    ],
    'a folder in the place of a link': [link('./x', '/etc'), headerBlock({ name: './x/', type: '5' })],
    'a link below a link': [link('./x', '/etc'), link('./x/motd', 'y')],
    'a hard link below a link': [link('./x', '/etc'), headerBlock({ name: './x/f', type: '1', linkName: './file' })],
    'a device below a link': [link('./x', '/dev'), headerBlock({ name: './x/sda', type: '4' })],
    'a hard link to a file by way of a link': [link('./x', '/etc'), hard('./y', './x/passwd')],
    'a file below another name of a link': [link('./x', '/etc'), hard('./y', 'x'), headerBlock({ name: './y/passwd' })],
    'a file below a third name of a link': [
      link('./x', '/etc'),
      hard('./y', './x'),
      hard('./z', './y'),
      headerBlock({ name: './z/passwd' }),
    ],
    'a file with the name of a link': [link('./x', '/etc'), headerBlock({ name: './x' })],
    'a link with the name of one': [link('./x', '/etc'), link('x/', '/tmp')],
    'a file far below a link': [link('./a/b', '/'), headerBlock({ name: './a/b/c/d/e/f/g' })],
    'a long target of a hard link': [extendedHeader('K', '/target\0'), headerBlock({ name: './link', type: '1' })],
  };

  it.each(Object.entries(escapes))('refuses what leaves the target: %s', async (_, blocks) => {
    await expect(passed([file, content, ...blocks])).rejects.toMatchObject({ code: 'RK310' });
  });

  it('passes links, and names that only begin as they do', async () => {
    const blocks = [
      link('./x', '/etc'),
      headerBlock({ name: './xy/', type: '5' }),
      headerBlock({ name: './xy/file' }),
      headerBlock({ name: './x.d' }),
      headerBlock({ name: './a/x/file' }),
      hard('./y', './x'),
    ];
    expect(await passed(blocks)).toEqual(Buffer.concat([...blocks, endOfArchive]));
  });

  describe('where links lie in the target', () => {
    /** What is removed of them, in order. */
    function removed(blocks: readonly Buffer[]): string[] {
      const links = new LinkSet();
      for (const path of ['./x', './a/link']) links.add(Buffer.from(path));
      const names: string[] = [];
      const check = new MemberCheck(undefined, { links, remove: (path) => void names.push(path.toString()) });
      check.push(Buffer.concat([...blocks, endOfArchive]));
      return names;
    }

    it('makes way for folders of the archive, and for nothing else', () => {
      const folder = headerBlock({ name: './x/', type: '5' });
      expect(removed([folder, headerBlock({ name: './x/passwd' }), headerBlock({ name: './a/link' })])).toEqual([
        './x/',
      ]);
      expect(removed([link('./x', 'y'), headerBlock({ name: './a/file' })])).toEqual([]);
    });

    it('refuses what is below one, and another name of one', () => {
      for (const blocks of [
        [headerBlock({ name: './x/passwd' })],
        [headerBlock({ name: './a/link/', type: '5' }), headerBlock({ name: './x/y/', type: '5' })],
        [hard('./y', './x/passwd')],
      ])
        expect(() => removed(blocks)).toThrowError(expect.objectContaining({ code: 'RK374' }));
      expect(() => removed([hard('./y', './x'), headerBlock({ name: './y/passwd' })])).toThrowError(
        expect.objectContaining({ code: 'RK310' }),
      );
    });
  });

  it('refuses a sparse map that makes tar take content for a header', async () => {
    const blocks = [
      sparseHeader('./sparse', 512),
      headerBlock({ name: './sparse', size: 512 }),
      padded(Buffer.from('1\n0\n512\n')),
      headerBlock({ name: './innocent', size: 512 }),
      headerBlock({ name: './hidden' }),
    ];
    const target = mkdtempSync(join(tmpdir(), 'hidden-'));
    const bytes = Buffer.concat([...blocks, endOfArchive]);
    const names = execFileSync('tar', ['-xvf', '-', '-C', target], { input: bytes, encoding: 'utf8' });
    rmSync(target, { recursive: true });
    expect(names).toBe('./sparse\n./hidden\n');
    await expect(passed(blocks)).rejects.toMatchObject({ code: 'RK308' });
  });

  it('stops at what is no tar stream: tar would look for the next header in it', async () => {
    const noise = Buffer.alloc(512, 'noise');
    await expect(passed([file, content, noise])).rejects.toMatchObject({
      code: 'RK308',
      reason: expect.stringContaining('byte 1024'),
    });
  });
});
