/** A piece of a word of GRUB's script: text as it stands, or a variable. */
export type Part = { text: string; quoted: boolean } | { variable: string; quoted: boolean };

/** Words in order, and what parts statements: '\n' stands for ';' too. */
export type Token = { kind: 'word'; parts: Part[] } | { kind: '\n' | '{' | '}' };

const plain = /[^ \t\r\n;{}'"\\$]+/y;
const inQuotes = /[^"\\$]+/y;
const variable = /\$(?:\{([A-Za-z_]\w*|\d+|[?*@#])\}|([A-Za-z_]\w*|\d+|[?*@#]))/y;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Splits a script as GRUB's lexer does (grub-core/script/yylex.l): quotes, '\', '$name', '${name}', comments, braces. */
export function grubTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const letter = text[at] ?? '';
    if (letter === ' ' || letter === '\t' || letter === '\r') at += 1;
    else if (text.startsWith('\\\n', at)) at += 2;
    else if (letter === '#') at = endOfLine(text, at);
    else if (letter === '\n' || letter === ';') {
      if (tokens.at(-1)?.kind !== '\n') tokens.push({ kind: '\n' });
      at += 1;
    } else if (letter === '{' || letter === '}') {
      tokens.push({ kind: letter });
      at += 1;
    } else {
      const { parts, end } = readWord(text, at);
      tokens.push({ kind: 'word', parts });
      at = end;
    }
  }
  return tokens;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function readWord(text: string, start: number): { parts: Part[]; end: number } {
  const parts: Part[] = [];
  let at = start;
  while (at < text.length && !/[ \t\r\n;{}]/.test(text[at] ?? '')) {
    const letter = text[at];
    if (letter === "'") {
      const end = text.indexOf("'", at + 1);
      const stop = end < 0 ? text.length : end;
      parts.push({ text: text.slice(at + 1, stop), quoted: true });
      at = stop + 1;
    } else if (letter === '"') at = readQuoted(text, at + 1, parts);
    else if (letter === '\\') {
      if (text[at + 1] !== '\n') parts.push({ text: text[at + 1] ?? '', quoted: true });
      at += 2;
    } else at = readPlain(text, at, parts, { pattern: plain, quoted: false });
  }
  return { parts, end: at };
}

/** @returns where it goes on behind the closing quote */
function readQuoted(text: string, start: number, parts: Part[]): number {
  parts.push({ text: '', quoted: true });
  let at = start;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\\') {
      const next = text[at + 1] ?? '';
      // Before any other letter the backslash stays.
      const kept = next === '\n' ? '' : /["$\\]/.test(next) ? next : `\\${next}`;
      parts.push({ text: kept, quoted: true });
      at += 2;
    } else at = readPlain(text, at, parts, { pattern: inQuotes, quoted: true });
  }
  return at + 1;
}

function readPlain(text: string, at: number, parts: Part[], how: { pattern: RegExp; quoted: boolean }): number {
  const { pattern, quoted } = how;
  const named = text[at] === '$' ? matchAt(variable, text, at) : null;
  if (named !== null) {
    parts.push({ variable: named[1] ?? named[2] ?? '', quoted });
    return at + named[0].length;
  }
  const run = matchAt(pattern, text, at)?.[0] ?? text[at] ?? '';
  parts.push({ text: run, quoted });
  return at + run.length;
}

/** What a word says where it has no variables and no quotes: a keyword or a command's name; else null. */
export function bareWord(token: Token | undefined): string | null {
  if (token?.kind !== 'word' || token.parts.length !== 1) return null;
  const [part] = token.parts;
  return part !== undefined && 'text' in part && !part.quoted ? part.text : null;
}
