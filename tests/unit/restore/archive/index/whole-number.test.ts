import { describe, expect, it } from 'vitest';
import { isTime, parseWholeNumber } from '../../../../../restore/archive/index/whole-number.ts';
import { endOfArchive, headerBlock, membersOf, padded, sparseHeader } from '../../../../fixtures/tar-blocks.ts';

describe('a whole number', () => {
  it.each([
    ['0', 0],
    ['9007199254740991', 2 ** 53 - 1],
    ['9007199254740993', 2n ** 53n + 1n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['9223372036854775808', null],
    ['99999999999999999999', null],
    ['', null],
    ['-1', null],
    ['1e3', null],
    [' 1', null],
  ])('of %j is %s', (text, value) => {
    expect(parseWholeNumber(text)).toBe(value);
  });

  it.each(['9223372036854775807', '-9223372036854775808', '9223372036854775807.999999999', '-0.5'])(
    '%s is a time',
    (text) => expect(isTime(text)).toBe(true),
  );

  it.each(['9223372036854775808', '-9223372036854775809', '99999999999999999999', '1e9', '', '.5', '--1'])(
    '%j is none',
    (text) => expect(isTime(text)).toBe(false),
  );
});

/** A header whose field at 136 (mtime) or 124 (size) holds `value` in base 256. */
function base256Header(at: number, value: bigint): Buffer {
  return headerBlock({ name: './a' }, (header) => {
    header[at] = value < 0n ? 0xff : 0x80;
    header.fill(value < 0n ? 0xff : 0, at + 1, at + 4);
    header.writeBigInt64BE(value, at + 4);
  });
}

describe('numbers of tar headers', () => {
  it.each([2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), -1n])('in base 256 are exact: time %d', async (time) => {
    const [member] = await membersOf(Buffer.concat([base256Header(136, time), endOfArchive]));
    expect(member?.mtime).toBe(String(time));
  });

  it('refuses a size that no stream can hold', async () => {
    const bytes = Buffer.concat([base256Header(124, 2n ** 60n), endOfArchive]);
    await expect(membersOf(bytes)).rejects.toThrow(/size in the header/);
  });

  it('of sparse maps may lie beyond 2^53, their data must fit the content', async () => {
    const sparse = (map: string) => {
      const content = padded(Buffer.from(map));
      return Buffer.concat([
        sparseHeader('./s', 512),
        headerBlock({ name: './s', size: content.length + 512 }),
        content,
        Buffer.alloc(512),
        endOfArchive,
      ]);
    };
    expect(await membersOf(sparse('1\n9223372036854775295\n512\n'))).toHaveLength(1);
    await expect(membersOf(sparse('1\n0\n9223372036854775807\n'))).rejects.toThrow(/map of a sparse file/);
    await expect(membersOf(sparse('9223372036854775807\n0\n512\n'))).rejects.toThrow(/map of a sparse file/);
  });
});
