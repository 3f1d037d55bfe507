import stringWidth, { type Options } from 'string-width';
import { consoleGlyphs } from './glyphs.ts';

const oneColumn = new Set(Object.values(consoleGlyphs).join(''));

const escapeCharacter = '\u001b';
/** Colours and bold, as Ink writes them. */
const styles = new RegExp(`${escapeCharacter}\\[[0-9;]*m`, 'g');

/** Latin letters and our own glyphs: all that `printable` lets through. */
function isOneColumn(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return code >= 0x20 && code !== 0xad && (code < 0x7f || code >= 0xa0);
  return oneColumn.has(character);
}

/**
 * Columns of a text on a terminal. In the bundle it stands in for the package `string-width`, whose regular expressions of
 * all emoji take seconds to compile on an emulated processor; it is only asked about texts that the menu never has.
 */
export default function textWidth(text: string, options?: Options): number {
  if (options?.ambiguousIsNarrow === false) return stringWidth(text, options);
  const plain = text.includes(escapeCharacter) ? text.replace(styles, '') : text;
  let width = 0;
  for (const character of plain) {
    if (!isOneColumn(character)) return stringWidth(text, options);
    width += 1;
  }
  return width;
}
