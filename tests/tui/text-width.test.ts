import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { asciiGlyphs, consoleGlyphs } from '../../tui/glyphs.ts';
import textWidth from '../../tui/text-width.ts';

it('[E1] every character has the width that string-width gives it', () => {
  for (let code = 0; code < 0x3000; code += 1) {
    const character = String.fromCodePoint(code);
    expect(`${code}: ${textWidth(character)}`).toBe(`${code}: ${stringWidth(character)}`);
  }
});

it('[E1] so has every text, also with colours, combining marks and emoji in it', () => {
  const glyphs = [...Object.values(consoleGlyphs), ...Object.values(asciiGlyphs)];
  const part = fc.oneof(
    fc.constantFrom(...glyphs, '\u001b[1m', '\u001b[0m', 'é', 'e\u0301', '\u00ad', '👍🏽', '한', '\ufe0f', '©'),
    fc.string({ unit: 'grapheme' }),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const text = parts.join('');
      expect(textWidth(text)).toBe(stringWidth(text));
    }),
  );
});
