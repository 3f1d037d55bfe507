import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../common/parse-json.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJson', () => {
  it('is JSON.parse', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20, stringUnit: 'binary' }), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
    expect(() => parseJson('{"a": ')).toThrow(SyntaxError);
  });

  it('counts no brackets in strings, whatever is escaped there', () => {
    const text = JSON.stringify(['['.repeat(1000), '\\', '"[[', `"\\${'{'.repeat(100)}`]);
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('takes no memory for levels without end', () => {
    expect(parseJson(nested(64))).toBeInstanceOf(Array);
    expect(() => parseJson(nested(65))).toThrow(/at character 64 it is nested more than 64 deep/);
    expect(() => parseJson('['.repeat(8_000_000))).toThrow(/nested more than/);
    expect(() => parseJson('{"a":'.repeat(1_000_000))).toThrow(/nested more than/);
  });
});
