import { describe, expect, it } from 'vitest';
import { DumpSyntaxError, parseDump, partitionsOf, validateDump } from '../src/index.ts';

const many = 1_000_000;
const blanks = ' '.repeat(many);
const parsed = (text: string): unknown => {
  try {
    return parseDump(text).lines[0]?.kind;
  } catch (error) {
    if (error instanceof DumpSyntaxError) return 'refused';
    throw error;
  }
};

/** A table of a set that somebody else made may have any line: none may take longer than its length says. */
describe('a line of a million characters is read in the time that it takes to look at each', () => {
  it.each([
    ['blanks in a device', `/dev/sda6${blanks}x${blanks}: start=1, size=1`, 'refused'],
    ['blanks before a quote', `/dev/sda6 : start=${blanks}"`, 'refused'],
    ['blanks behind a value', `/dev/sda6 : start=1${blanks}x`, 'partition'],
    ['blanks in a header', `label:${blanks}x${blanks}y`, 'header'],
    ['quotes without an end', `/dev/sda6 : name="${'" '.repeat(many)}x`, 'refused'],
    ['colons', `/dev/sda6 ${': '.repeat(many)}x=`, 'refused'],
    ['a word', `/dev/sda6 : ${'a'.repeat(many)} b`, 'refused'],
    ['fields', `/dev/sda6 : ${'a,'.repeat(many / 10)}b`, 'partition'],
    ['nothing', `${blanks}x`, 'refused'],
  ])('%s', { timeout: 60_000 }, (_, line, kind) => {
    expect(parsed(line)).toBe(kind);
  });

  it('and a dump with such a line is judged as quickly', { timeout: 60_000 }, () => {
    const dump = parseDump(`label: dos\n/dev/sda1 :${blanks}start=2048,${blanks}size=8,${blanks}type=83${blanks}\n`);
    expect(partitionsOf(dump)).toMatchObject([{ start: 2048, size: 8, type: '83' }]);
    expect(() => validateDump(dump)).not.toThrow();
  });
});
