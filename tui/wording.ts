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

/** A path or the like, of which the end tells most: what fits of that after a mark, from a folder's beginning where one is near. */
export function shortenPath(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const room = columns - missing.length;
  if (room <= 0) return missing.slice(0, Math.max(0, columns));
  const end = text.slice(-room);
  const slash = end.indexOf('/');
  return `${missing}${slash > 0 && slash < room / 2 ? end.slice(slash) : end}`;
}

/** The fullest wording that fits; where none does, the shortest one shortened. Never a text that ends in the middle unmarked. */
export function chooseWording(wording: Wording, columns: number): string {
  const wordings = typeof wording === 'string' ? [wording] : wording;
  return wordings.find((text) => text.length <= columns) ?? shorten(wordings.at(-1) ?? '', columns);
}

/**
 * All of a text in rows of so many columns: broken between words, where a word is too long inside of it.
 * @param hanging columns that the second row and all after it begin further right than the first
 */
export function wrapText(text: string, columns: number, hanging = 2): string[] {
  const rows: string[] = [];
  const own = /^ */.exec(text)?.[0].length ?? 0;
  const indent = ' '.repeat(Math.min(own + hanging, Math.floor(columns / 2)));
  let rest = text.trimEnd();
  let room = Math.max(1, columns);
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room);
    const end = space > room / 2 ? space : room;
    rows.push((rows.length === 0 ? '' : indent) + rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
    room = Math.max(1, columns - indent.length);
  }
  rows.push(rest === '' ? '' : (rows.length === 0 ? '' : indent) + rest);
  return rows;
}

/** Parts beside each other, `between` them, in as many rows as they need: no part is broken while it fits a row. */
export function wrapParts(parts: readonly string[], between: string, columns: number): string[] {
  const rows: string[] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + between.length + part.length <= columns)
      rows[rows.length - 1] = `${last}${between}${part}`;
    else rows.push(...wrapText(part, columns, 0));
  }
  return rows;
}
