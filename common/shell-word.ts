import { visible } from './visible.ts';

/** A word of a command as it can be pasted into bash. What a terminal would not show is written by its bytes: `$'\x1b'`. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (visible(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const letters = Array.from(word, (character) => {
    if (character === "'" || character === '\\') return `\\${character}`;
    if (character === '\n') return '\\n';
    return visible(character) === character ? character : bytesOf(character);
  });
  return `$'${letters.join('')}'`;
}

/** Octal: bash takes at most three digits of it, whatever comes next. */
function bytesOf(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
