/** A whole number that is as exact as it was written: a bigint beyond 2^53 only, for a usual file's size shall cost nothing. */
export type WholeNumber = number | bigint;

/** The most that off_t and time_t hold. */
const largest = 2n ** 63n - 1n;

/** Decimal digits and nothing else, up to 2^63 - 1; null for anything else. Number() takes too much: '', '1e3', ' 1'. */
export function parseWholeNumber(text: string): WholeNumber | null {
  if (text.length === 0 || text.length > 19) return null;
  let value = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  if (Number.isSafeInteger(value)) return value;
  const exact = BigInt(text);
  return exact > largest ? null : exact;
}

/** Seconds since 1970, as exact as they are: decimal text with an optional fraction, of what time_t holds. */
export function isTime(text: string): boolean {
  if (/^-?\d{1,18}(\.\d{1,18})?$/.test(text)) return true;
  const seconds = /^(-?\d{19})(?:\.\d{1,18})?$/.exec(text)?.[1];
  return seconds !== undefined && BigInt.asIntN(64, BigInt(seconds)) === BigInt(seconds);
}
