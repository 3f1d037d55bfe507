import { unescapeLatin1 } from './escape-path.ts';

/** Which members are asked for. Paths are in latin1 (each character is one byte), as the archive spells them: './etc/fstab'. */
export interface PathMatcher {
  /** It matches whatever there is. */
  all: boolean;
  matches(path: string): boolean;
  /** The same for the escaped path that begins at `start` of a text and ends with a tab or a line's end. */
  matchesField(text: string, start: number): boolean;
}

/** Up to so many names it is faster to compare each. */
const few = 8;

/**
 * Matches the named files, and the named folders with everything below. Names with or without '/' or './' in front; bytes where
 * they need not be UTF-8. Symbolic links are not followed.
 */
export function matchPaths(paths: readonly (string | Buffer)[]): PathMatcher {
  const names = paths.map((path) => normalized(Buffer.from(path).toString('latin1')));
  if (names.includes('.')) return { all: true, matches: () => true, matchesField: () => true };
  const set = new Set(names);
  const matches = (path: string): boolean => hasAny(set, path);
  // What is printable ASCII is never escaped, so that it can be compared where it stands.
  const asTheyStand = names.length <= few && names.every((name) => /^[ -[\]-~]*$/.test(name));
  const matchesField = asTheyStand
    ? (text: string, start: number): boolean =>
        names.some((name) => text.startsWith(name, start) && endsAt(text, start + name.length))
    : (text: string, start: number): boolean => {
        const path = unescapeLatin1(fieldAt(text, start));
        return path !== null && matches(path);
      };
  return { all: false, matches, matchesField };
}

/** './etc/' -> './etc', '/etc' -> './etc', 'etc' -> './etc', '/' -> '.' */
function normalized(path: string): string {
  return ['.', ...path.split('/').filter((part) => part !== '' && part !== '.')].join('/');
}

/** Looks up each folder above, from the top, then the path itself. */
function hasAny(names: ReadonlySet<string>, path: string): boolean {
  for (let end = path.indexOf('/', 2); end > 0; end = path.indexOf('/', end + 1))
    if (names.has(path.slice(0, end))) return true;
  return names.has(path);
}

/** A name ends, or a folder's name: the field's end or a slash. */
function endsAt(text: string, at: number): boolean {
  const character = text[at];
  return character === '/' || character === '\t' || character === '\n' || character === undefined;
}

/** From `start` to the next tab or the line's end. */
export function fieldAt(text: string, start: number): string {
  const line = text.indexOf('\n', start);
  const tab = text.indexOf('\t', start);
  const ends = [line, tab].filter((end) => end >= 0);
  return text.slice(start, ends.length === 0 ? undefined : Math.min(...ends));
}
