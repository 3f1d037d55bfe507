import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
    const blocks = [dumpdir('Dsub\0N..file\0Yfile\0R./old\0T./new/old\0\0'), dumpdir('\0')];
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
    'a path in the names of a directory': [dumpdir('Y../file\0\0')],
    'names of no known kind': [dumpdir('Zfile\0\0')],
    "a hard link's target": [headerBlock({ name: './link', type: '1', linkName: '../target' })],
    'a long target of a hard link': [extendedHeader('K', '/target\0'), headerBlock({ name: './link', type: '1' })],
  };

  it.each(Object.entries(escapes))('refuses what leaves the target: %s', async (_, blocks) => {
    await expect(passed([file, content, ...blocks])).rejects.toMatchObject({ code: 'RK310' });
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
