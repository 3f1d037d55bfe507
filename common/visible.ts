/** Nothing to do, and the answer for nearly every text: the classes below take long to compile on a slow processor. */
const plain = /^[ -~]*$/;

/**
 * Controls (C0, DEL, C1), format characters (bidi, tags, zero width), private and unassigned ones, halves of surrogate pairs,
 * line and paragraph separators; all that is drawn as nothing (fillers, variation selectors); accents that have no letter, or
 * are heaped on one until they cover the lines above. No script puts eight marks on a letter.
 */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?<![^\n])\p{M}|(?<=\p{M}{8})\p{M}/gu;

/**
 * A name or message that came from a set, an index, a disk or a tool, for a terminal: what could move the cursor, set a title,
 * turn the reading direction or hide text is shown as `\x1b`, `\u202e`, `\u{e0041}`. For people: two names that look alike are
 * told apart, at the price of joined emoji and of Persian half spaces, whose joiners are written out. It cannot be turned back, and
 * doing it twice changes nothing. JSON stays exact: `visibleJson`.
 * @param keep 'lines': line breaks and tabs stay, for texts of several lines
 */
export function visible(text: string, keep: 'nothing' | 'lines' = 'nothing'): string {
  if (plain.test(text)) return text;
  return text.replace(unseen, (character) =>
    keep === 'lines' && (character === '\n' || character === '\t') ? character : codeOf(character),
  );
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}

/** Outside of its strings JSON has ASCII only, so that all of the text can be treated alike. Line breaks are those between values. */
const unseenInJson = /[^\n -~]/gu;

/** The same value as JSON for a program, in which a person who looks at it sees every character: `\u001b`, `\u202e`. */
export function visibleJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, withAllDigits, indent);
  return text.replace(unseenInJson, (character) => (visible(character) === character ? character : unitsOf(character)));
}

declare global {
  interface JSON {
    /** ECMAScript 2027: a number's text, as it is. */
    rawJSON(text: string): unknown;
  }
}

/** JSON knows no largest number, JSON.stringify no bigint. */
function withAllDigits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(value.toString()) : value;
}

/** As RFC 8259 has it: both halves of a surrogate pair. */
function unitsOf(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}
