import { visible } from '../common/visible.ts';

/** Every character beyond ASCII that may appear; the Linux console's font has the first set, a serial line only the second. */
export interface Glyphs {
  rule: string;
  pointer: string;
  full: string;
  empty: string;
  /** Between `full` and `empty`: what lies beside a full one must be told apart. */
  half: string;
  good: string;
  bad: string;
  dot: string;
  upDown: string;
  /** Half blocks for charts: upper, lower, both. */
  upper: string;
  lower: string;
  block: string;
}

export const consoleGlyphs: Glyphs = {
  rule: '─',
  pointer: '►',
  full: '█',
  empty: '░',
  half: '▒',
  good: '√',
  bad: '■',
  dot: '·',
  upDown: '↑↓',
  upper: '▀',
  lower: '▄',
  block: '█',
};

export const asciiGlyphs: Glyphs = {
  rule: '-',
  pointer: '>',
  full: '#',
  empty: '.',
  half: '=',
  good: '+',
  bad: '!',
  dot: '-',
  upDown: 'Up/Down',
  upper: "'",
  lower: '.',
  block: ':',
};

/** ASCII on serial lines (TERM=vt...) and where REKINDLE_ASCII asks for it. */
export function chooseGlyphs(environment: Record<string, string | undefined>): Glyphs {
  const ascii = environment.REKINDLE_ASCII !== undefined || /^(vt|dumb|ansi)/.test(environment.TERM ?? 'dumb');
  return ascii ? asciiGlyphs : consoleGlyphs;
}

const lastLatin = 0x17f;

/**
 * What the screen can show of a text from outside (a file's name, a disk's model): what could steer a terminal is written out, as
 * `visible` does; of the rest, what the console's font has no picture for becomes '?'.
 */
export function printable(text: string, glyphs: Glyphs): string {
  const own = Object.values(glyphs).join('');
  const latin = glyphs === consoleGlyphs;
  let shown = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const ascii = code >= 0x20 && code < 0x7f;
    if (ascii || own.includes(character)) shown += character;
    else {
      const safe = visible(character);
      shown += safe !== character || (latin && code >= 0xa0 && code <= lastLatin) ? safe : '?';
    }
  }
  return shown;
}
