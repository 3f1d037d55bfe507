/** Orders as `rpm` orders versions: segments of digits and of letters; '~' is older than nothing. GRUB's blscfg does so. */
export function compareRpm(left: string, right: string): number {
  const [one, other] = [segmentsOf(left), segmentsOf(right)];
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const [a, b] = [one[at], other[at]];
    if (a === b) continue;
    if (a === '~') return -1;
    if (b === '~') return 1;
    if (a === undefined) return -1;
    if (b === undefined) return 1;
    if (a === '+') return -1;
    if (b === '+') return 1;
    const order = compareSegments(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

function segmentsOf(text: string): string[] {
  return text.match(/[0-9]+|[A-Za-z]+|[~+]/g) ?? [];
}

/** Digits are newer than letters. */
function compareSegments(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d/.test(a), /^\d/.test(b)];
  if (isNumber !== isOther) return isNumber ? 1 : -1;
  if (!isNumber) return compareBytes(a, b);
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return one.length === other.length ? compareBytes(one, other) : one.length - other.length;
}

function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** 'NAME-VERSION-RELEASE', each part by itself. */
export function comparePackages(left: string, right: string): number {
  const [one, other] = [splitPackage(left), splitPackage(right)];
  for (const at of [0, 1, 2]) {
    const order = compareRpm(one[at] ?? '', other[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function splitPackage(text: string): string[] {
  const parts = text.split('-');
  if (parts.length < 3) return parts;
  return [parts.slice(0, -2).join('-'), parts.at(-2) ?? '', parts.at(-1) ?? ''];
}

/** Orders as systemd does (strverscmp_improved): '~' before the end, then '-', '^', '.', digits, letters. */
export function compareSystemd(left: string, right: string): number {
  let [a, b] = [onlyKnown(left), onlyKnown(right)];
  for (;;) {
    if (a.startsWith('~') || b.startsWith('~')) {
      if (!(a.startsWith('~') && b.startsWith('~'))) return a.startsWith('~') ? -1 : 1;
    } else if (a === '' || b === '') return a.length - b.length;
    const mark = ['-', '^', '.'].find((each) => a.startsWith(each) || b.startsWith(each));
    if (mark !== undefined && !a.startsWith('~')) {
      if (!(a.startsWith(mark) && b.startsWith(mark))) return a.startsWith(mark) ? -1 : 1;
    } else if (!a.startsWith('~')) {
      const pattern = /^\d/.test(a) || /^\d/.test(b) ? /^\d*/ : /^[A-Za-z]*/;
      const [one, other] = [pattern.exec(a)?.[0] ?? '', pattern.exec(b)?.[0] ?? ''];
      const [x, y] = pattern.source.includes('d') ? [one.replace(/^0+/, ''), other.replace(/^0+/, '')] : [one, other];
      const order = pattern.source.includes('d') && x.length !== y.length ? x.length - y.length : compareBytes(x, y);
      if (order !== 0) return order;
      [a, b] = [a.slice(one.length), b.slice(other.length)];
      continue;
    }
    [a, b] = [a.slice(1), b.slice(1)];
  }
}

function onlyKnown(text: string): string {
  // A file's name has no more.
  return text.slice(0, 255).replaceAll(/[^0-9A-Za-z~^.-]/g, '');
}
