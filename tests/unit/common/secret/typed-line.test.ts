import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineState, TypedLine } from '../../../../common/secret/typed-line.ts';

function type(keys: string): { text: string; state: LineState } {
  const line = new TypedLine();
  let state: LineState = 'open';
  for (const key of keys) state = line.add(key);
  return { text: line.text, state };
}

describe('a line typed unseen', () => {
  it('holds every printable text as it is', () => {
    const printable = fc.string({ unit: 'grapheme' }).filter((text) => !/[\x00-\x08\x0a-\x1f\x7f]/.test(text));
    fc.assert(
      fc.property(printable, fc.constantFrom('\r', '\n'), (text, end) => {
        expect(type(text + end)).toEqual({ text, state: 'done' });
      }),
    );
  });

  it.each([
    ['pasd\x7f\x7fss\r', 'pass'],
    ['grö\x7fo\r', 'gro'],
    ['a😀\x08b\r', 'ab'],
    ['\x7f\x7fx\r', 'x'],
    ['wrong\x15right\r', 'right'],
    ['two words\x17one\r', 'one'],
    ['a\x1b[Ab\x1b[1;5Cc\x1bOPd\x1b[3~e\r', 'abcde'],
    ['a\x1bb\r', 'ab'],
    ['a\x1b\x7fb\r', 'b'],
    ['tab\tstays\r', 'tab\tstays'],
    ['a\x04', 'a'],
  ])('%j is %j', (keys, text) => {
    expect(type(keys)).toEqual({ text, state: 'done' });
  });

  it('ends at Ctrl-C and Ctrl-\\, and at Ctrl-D when it is empty', () => {
    expect(type('abc\x03').state).toBe('interrupted');
    expect(type('abc\x1c').state).toBe('interrupted');
    expect(type('\x04').state).toBe('ended');
  });
});
