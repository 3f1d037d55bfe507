/** One text, or several wordings of the same: the fullest first, each shorter one still says it whole. */
export type Wording = string | readonly string[];

/** Says that something is missing; the console's font has no ellipsis. */
const missing = '..';

/** The text, or what fits of it and a mark: at a word's end, unless that would lose more than half. */
export function shorten(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const room = columns - missing.length;
  if (room <= 0) return missing.slice(0, Math.max(0, columns));
  const space = text.lastIndexOf(' ', room);
  const isWord = space > room / 2;
  const kept = text.slice(0, isWord ? space : room).trimEnd();
  return isWord && kept.length + 1 + missing.length <= columns ? `${kept} ${missing}` : `${kept}${missing}`;
}

/** The fullest wording that fits; where none does, the shortest one shortened. Never a text that ends in the middle unmarked. */
export function chooseWording(wording: Wording, columns: number): string {
  const wordings = typeof wording === 'string' ? [wording] : wording;
  return wordings.find((text) => text.length <= columns) ?? shorten(wordings.at(-1) ?? '', columns);
}
