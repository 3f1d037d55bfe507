import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, visibleJson } from '../../../common/visible.ts';

/** What a terminal may act on, or draws nothing for. */
const dangerous = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|[\u034f\ufe00-\ufe0f]/u;

describe('visible', () => {
  it.each([
    ['an escape sequence', '\x1b]0;OWNED\x07\x1b[2J', '\\x1b]0;OWNED\\x07\\x1b[2J'],
    ['C0, all of it', '\0\b\t\n\r\x0e', '\\x00\\x08\\x09\\x0a\\x0d\\x0e'],
    ['DEL', 'a\x7fb', 'a\\x7fb'],
    ['C1, the one byte CSI of old terminals', 'a\x9b2Jb\x85\x90\x9f', 'a\\x9b2Jb\\x85\\x90\\x9f'],
    ['direction', 'a\u202egnp.exe\u2066\u061c', 'a\\u202egnp.exe\\u2066\\u061c'],
    ['zero width', 'pass\u200bwd\ufeff\u2060\u00ad', 'pass\\u200bwd\\ufeff\\u2060\\xad'],
    ['line and paragraph separators', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['halves of a surrogate pair', 'a\ud800b\udc00', 'a\\ud800b\\udc00'],
    ['tags', '\u{e0041}\u{e007f}', '\\u{e0041}\\u{e007f}'],
    ['private use and what no Unicode has', '\ue000\u{10fffd}\uffff\u0378', '\\ue000\\u{10fffd}\\uffff\\u0378'],
    ['letters drawn as nothing', 'a\u3164b\uffa0\u115f\u034f', 'a\\u3164b\\uffa0\\u115f\\u034f'],
    ['joined emoji, whose parts stay', '👩\u200d💻', '👩\\u200d💻'],
    ['variation selectors', '❤\ufe0f\u{e0100}', '❤\\ufe0f\\u{e0100}'],
    ['an accent without a letter', '\u0301a', '\\u0301a'],
  ])('shows %s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each([
    'plain ~ text',
    'Grüße',
    'naïve e\u0301',
    'Việt Nam',
    'שָׁלוֹם',
    'नमस्ते',
    'ไทยที่',
    '日本語 中文 한국어',
    '😀 🇩🇪',
    'a\u00a0b\u3000c',
  ])('leaves names of people alone: %s', (name) => {
    expect(visible(name)).toBe(name);
    expect(visible(name.normalize('NFD'))).toBe(name.normalize('NFD'));
  });

  it('shows accents that are heaped until they cover other lines', () => {
    const heap = `a${'\u0301'.repeat(40)}b`;
    expect(visible(heap)).toBe(`a${'\u0301'.repeat(8)}${'\\u0301'.repeat(32)}b`);
  });

  it('keeps line breaks and tabs where a text has lines, and nothing else', () => {
    expect(visible('a\tb\nc\r\x1b\u2028', 'lines')).toBe('a\tb\nc\\x0d\\x1b\\u2028');
    expect(visible('a\n\u0301', 'lines')).toBe('a\n\\u0301');
  });

  it('lets nothing through, whatever the text, and does nothing the second time', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(text, (each) => {
        const shown = visible(each);
        expect(shown).not.toMatch(dangerous);
        expect(visible(shown)).toBe(shown);
      }),
    );
  });

  it('does not look back over a whole heap for each accent of it', () => {
    expect(visible('\u0301'.repeat(1e6))).toHaveLength(7 + 6 * (1e6 - 7));
  });
});

describe('visibleJson', () => {
  it('is the same value, and shows every character', () => {
    const json = fc.jsonValue({ stringUnit: 'binary' });
    fc.assert(
      fc.property(json, (value) => {
        const text = visibleJson(value, 2);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text.replaceAll('\n', '')).not.toMatch(dangerous);
      }),
    );
  });

  it('has all digits of a number that is too large for others', () => {
    expect(visibleJson({ size: 2n ** 63n - 1n })).toBe('{"size":9223372036854775807}');
  });

  it('writes what JSON.stringify leaves: DEL, C1, direction, tags as a pair', () => {
    expect(visibleJson(['\x7f\x9b\u202e\u{e0041}', 'ü😀'])).toBe('["\\u007f\\u009b\\u202e\\udb40\\udc41","ü😀"]');
  });
});
