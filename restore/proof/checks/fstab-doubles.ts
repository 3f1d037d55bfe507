import { type Check, verdictOf } from '../check.ts';
import { fstabHint } from '../fstab-line.ts';
import { type FstabLine, readFstab } from '../read/tables.ts';

/** One of them hides the other; booting showed that the machine starts. */
export const fstabDoubles: Check = {
  id: 'fstab-doubles',
  title: 'no place is in /etc/fstab twice',
  stopsBoot: false,
  run(subject) {
    const mounts = (readFstab(subject.root) ?? []).filter(({ type, at }) => type !== 'swap' && at.startsWith('/'));
    return mounts.length < 2 ? null : verdictOf(doubles(mounts), fstabHint, `${mounts.length} places were compared`);
  },
};

function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

function doubles(lines: readonly FstabLine[]): string[] {
  const seen = new Set<string>();
  return lines.flatMap(({ at, line }) => {
    const clean = withoutLastSlashes(at);
    if (seen.has(clean)) return [`line ${line}: ${at} is there twice`];
    seen.add(clean);
    return [];
  });
}
