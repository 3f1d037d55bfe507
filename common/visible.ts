const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/**
 * A name or message that came from a set, an index, a disk or a tool, for a terminal: what could move the cursor, set a title,
 * turn the reading direction or hide text is shown as `\x1b`, `\u202e`. For people; JSON stays exact.
 * @param keep 'lines': line breaks and tabs stay, for texts of several lines
 */
export function visible(text: string, keep: 'nothing' | 'lines' = 'nothing'): string {
  return text.replace(controls, (character) => {
    if (keep === 'lines' && (character === '\n' || character === '\t')) return character;
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
