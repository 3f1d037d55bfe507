import { type Check, verdictOf } from '../check.ts';
import { fstabHint, withoutLastSlashes } from '../fstab-line.ts';
import { type FstabLine, readFstab } from '../read/tables.ts';

/** One of them hides the other; booting showed that the machine starts. */
export const fstabDoubles: Check = {
  id: 'fstab-doubles',
  title: 'no place is in /etc/fstab twice',
  stopsBoot: false,
  run(subject) {
    // What a person mounts may have several lines for one place: a stick with this or that file system.
    const mounts = (readFstab(subject.root) ?? []).filter(
      ({ type, at, options }) => type !== 'swap' && at.startsWith('/') && !options.includes('noauto'),
    );
    return mounts.length < 2 ? null : verdictOf(doubles(mounts), fstabHint, `${mounts.length} places were compared`);
  },
};

function doubles(lines: readonly FstabLine[]): string[] {
  const seen = new Set<string>();
  return lines.flatMap(({ at, line }) => {
    const clean = withoutLastSlashes(at);
    if (seen.has(clean)) return [`line ${line}: ${at} is there twice`];
    seen.add(clean);
    return [];
  });
}
