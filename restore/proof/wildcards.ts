/**
 * Whether a pattern with '*' and '?' fits all of a name, in time that grows with the product of their lengths: as a regular expression
 * `*a*a*a*...` of somebody else's settings would take for ever.
 */
export function matchesWildcards(name: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  /** Where to try again: the last star takes one letter more. */
  let star = -1;
  let starTook = 0;
  while (at < name.length) {
    const wanted = pattern[inPattern];
    if (wanted === '*') {
      star = inPattern;
      starTook = at;
      inPattern += 1;
    } else if (wanted === '?' || wanted === name[at]) {
      at += 1;
      inPattern += 1;
    } else if (star >= 0) {
      starTook += 1;
      at = starTook;
      inPattern = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(inPattern));
}
