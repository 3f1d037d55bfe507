import { isUtf8 } from 'node:buffer';

/** As GNU tar's --quoting-style=escape writes them and --unquote reads them. */
const letters = new Map([
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\f', 'f'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
  ['\v', 'v'],
  ['\\', '\\'],
]);
const characters = new Map([...letters].map(([character, letter]) => [letter, character]));

const plain = /^[ -[\]-~]*$/;
/** Control and format characters could steer a terminal or turn text around; line separators break lines. */
const unprintable = /[\\\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * A path's bytes as text for one field of one line: printable UTF-8 stays, all else becomes '\n', '\t', '\\', '\ooo'.
 * `unescapePath` gives the same bytes back, whatever they are.
 */
export function escapePath(path: Buffer): string {
  const ascii = path.toString('latin1');
  if (plain.test(ascii)) return ascii;
  return isUtf8(path) ? escapeText(path.toString('utf8')) : escapeMixed(path);
}

function escapeText(text: string): string {
  return text.replace(unprintable, (character) => {
    const letter = letters.get(character);
    return letter === undefined ? octal(Buffer.from(character)) : `\\${letter}`;
  });
}

function octal(bytes: Buffer): string {
  return Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** Escapes only those bytes that belong to no UTF-8 character. */
function escapeMixed(path: Buffer): string {
  let text = '';
  for (let at = 0; at < path.length; ) {
    const size = [1, 2, 3, 4].find((length) => at + length <= path.length && isUtf8(path.subarray(at, at + length)));
    const bytes = path.subarray(at, at + (size ?? 1));
    text += size === undefined ? octal(bytes) : escapeText(bytes.toString('utf8'));
    at += bytes.length;
  }
  return text;
}

/** The bytes of an escaped path; null when a backslash is followed by nothing known. */
export function unescapePath(text: string): Buffer | null {
  const bytes = unescapeLatin1(Buffer.from(text).toString('latin1'));
  return bytes === null ? null : Buffer.from(bytes, 'latin1');
}

/** The same where each character of both texts stands for one byte: what the reader works on. */
export function unescapeLatin1(field: string): string | null {
  if (!field.includes('\\')) return field;
  let sound = true;
  const bytes = field.replace(/\\([0-3][0-7]{2}|.?)/gs, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code, 8));
    const character = characters.get(code);
    if (character === undefined) sound = false;
    return character ?? '';
  });
  return sound ? bytes : null;
}
