import { describe, expect, it } from 'vitest';
import { asciiGlyphs, consoleGlyphs, printable } from '../../tui/glyphs.ts';

describe('printable', () => {
  it.each([consoleGlyphs, asciiGlyphs])('writes out what could steer the terminal, as everywhere else', (glyphs) => {
    expect(printable('a\x1b[2J\u009b\u00ad\u202e\n\u{e0041}', glyphs)).toBe(
      'a\\x1b[2J\\x9b\\xad\\u202e\\x0a\\u{e0041}',
    );
  });

  it('has a question mark for what the font has no picture of, and leaves the rest', () => {
    expect(printable('Grüße 日本 ─', consoleGlyphs)).toBe('Grüße ?? ─');
    expect(printable('Grüße 日本', asciiGlyphs)).toBe('Gr??e ??');
  });
});
