import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  endOfArchive,
  extendedHeader,
  headerBlock,
  membersOf,
  padded,
  paxRecord,
  sparseHeader,
} from '../../../../fixtures/tar-blocks.ts';

describe('what tar sees in odd archives', () => {
  const file = headerBlock({ name: './header', size: 3 });
  const content = padded(Buffer.from('abc'));
  const cases: Record<string, Buffer[]> = {
    'a path in a pax header': [extendedHeader('x', paxRecord('path', './pax')), file, content],
    'a name for a sparse file, which beats the path': [
      sparseHeader('./sparse', 512, paxRecord('path', './pax')),
      headerBlock({ name: './header', size: 1024 }),
      padded(Buffer.from('1\n0\n512\n')),
      Buffer.alloc(512, 'data'),
    ],
    "Solaris' pax header": [extendedHeader('X', paxRecord('path', './solaris')), file, content],
    'a global path': [extendedHeader('g', paxRecord('path', './global')), file, content, file, content],
    'a long name before and after a pax header without a path': [
      extendedHeader('L', './long\0'),
      extendedHeader('x', paxRecord('uid', '7')),
      file,
      content,
    ],
    'a long name and a pax path': [
      extendedHeader('x', paxRecord('path', './pax')),
      extendedHeader('L', './long\0'),
      file,
      content,
    ],
    'two pax headers: the last one counts': [
      extendedHeader('x', paxRecord('path', './first')),
      extendedHeader('x', paxRecord('uid', '7')),
      file,
      content,
    ],
    'a path with a NUL in it': [extendedHeader('x', paxRecord('path', './cut\0off')), file, content],
    'a size in a pax header': [
      extendedHeader('x', paxRecord('size', '3')),
      headerBlock({ name: './sized' }),
      content,
      file,
      content,
    ],
    'a prefix': [headerBlock({ name: 'name', prefix: './prefix' })],
    "a prefix under GNU's own magic, where it is none": [
      headerBlock({ name: './name', prefix: 'x', magic: 'ustar  ' }),
    ],
    'a file whose name ends in a slash': [headerBlock({ name: './directory/' })],
  };

  it.each(Object.entries(cases))('%s', async (_, blocks) => {
    const bytes = Buffer.concat([...blocks, endOfArchive]);
    const names = execFileSync('tar', ['-tP'], { input: bytes, encoding: 'utf8' });
    expect((await membersOf(bytes)).map(({ path }) => `${path}\n`).join('')).toBe(names);
  });
});

describe('what is no tar stream', () => {
  const file = headerBlock({ name: './f' });
  const odd: Record<string, [offset: number, blocks: Buffer[]]> = {
    text: [0, [Buffer.alloc(2048, 'this is not tar ')]],
    'a record of a pax header with a wrong length': [512, [extendedHeader('x', '99 path=x\n'), file]],
    'a pax record without a key': [512, [extendedHeader('x', '5 =x\n'), file]],
    'a blank before a key, which tar skips': [512, [extendedHeader('x', '11  path=x\n'), file]],
    'NULs after the records': [
      512 + paxRecord('path', 'x').length,
      [extendedHeader('x', `${paxRecord('path', 'x')}\0`), file],
    ],
    'a pax size that is none': [1024, [extendedHeader('x', paxRecord('size', '-1')), file]],
    'a pax time that is none': [1024, [extendedHeader('x', paxRecord('mtime', '1e3')), file]],
    'a blank size': [0, [headerBlock({ name: './f' }, (header) => header.fill(0, 124, 136))]],
    'a size with a letter in it': [0, [headerBlock({ name: './f' }, (header) => header.write('0000000x', 124))]],
    'a size beyond 2^53': [0, [headerBlock({ name: './f' }, (header) => header.fill(0x80, 124, 136))]],
    'a negative size': [0, [headerBlock({ name: './f' }, (header) => header.fill(0xff, 124, 136))]],
    'a type of its own': [512, [file, headerBlock({ name: './f', type: 'Z' })]],
    'a continued volume': [0, [headerBlock({ name: './f', type: 'M' })]],
    'a directory with content': [0, [headerBlock({ name: './d', type: '5', size: 512 }), file]],
    'a file with a slash and content': [0, [headerBlock({ name: './d/', size: 512 }), file]],
    'a link that takes its size from a pax header': [
      1024,
      [extendedHeader('x', paxRecord('size', '512')), headerBlock({ name: './l', type: '2', linkName: 'x' }), file],
    ],
    'a sparse file whose map takes more than its content': [
      1536,
      [sparseHeader('./f', 512), headerBlock({ name: './f', size: 512 }), padded(Buffer.from('1\n0\n512\n')), file],
    ],
    'a sparse file whose map takes less': [
      1536,
      [sparseHeader('./f', 0), headerBlock({ name: './f', size: 1024 }), padded(Buffer.from('1\n0\n0\n')), file],
    ],
    'a map without end': [
      1536,
      [sparseHeader('./f', 0), headerBlock({ name: './f', size: 512 }), Buffer.alloc(512, '7\n')],
    ],
    'a map that is none': [
      1536,
      [sparseHeader('./f', 0), headerBlock({ name: './f', size: 512 }), padded(Buffer.from('1\n-5\n0\n'))],
    ],
    'a sparse file without a map': [1536, [sparseHeader('./f', 512), headerBlock({ name: './f' }), file]],
    'a sparse directory': [1024, [sparseHeader('./d', 0), headerBlock({ name: './d', type: '5' })]],
    'half of a sparse format, with which tar skips another size': [
      1024,
      [
        extendedHeader('x', paxRecord('GNU.sparse.realsize', '1024')),
        headerBlock({ name: './f', size: 512 }),
        file,
        file,
      ],
    ],
    'an older sparse format': [1024, [extendedHeader('x', paxRecord('GNU.sparse.map', '0,512')), file]],
    'the oldest sparse format': [0, [headerBlock({ name: './f', type: 'S' })]],
    'no name': [0, [headerBlock({ name: '' })]],
    'a link to nothing': [0, [headerBlock({ name: './l', type: '2' })]],
    'an extended header without end': [0, [headerBlock({ name: './x', type: 'x', size: 2 ** 32 })]],
    'an extended header without a member': [1024, [extendedHeader('x', paxRecord('path', 'x'))]],
  };

  it.each(Object.entries(odd))('%s: an error that names the byte', async (_, [offset, blocks]) => {
    const bytes = Buffer.concat([...blocks, endOfArchive]);
    await expect(membersOf(bytes)).rejects.toMatchObject({
      name: 'TarFormatError',
      offset,
      message: expect.stringContaining(`byte ${offset}:`),
    });
  });

  it('anything after the zeros', async () => {
    const bytes = Buffer.concat([file, endOfArchive, file]);
    await expect(membersOf(bytes)).rejects.toMatchObject({ name: 'TarFormatError', offset: 512 + 1024 });
  });
});
