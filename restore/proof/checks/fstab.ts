import { type Check, verdictOfAll } from '../check.ts';
import type { Finding } from '../finding.ts';
import { fstabHint, fstabUnknownHint, lookAtLine } from '../fstab-line.ts';
import { isOptional, readFstab } from '../read/tables.ts';

/** What systemd waits for before anybody can log in: all but /, which the kernel has mounted by then (fstab-root). */
export const fstab: Check = {
  id: 'fstab',
  title: 'every file system that /etc/fstab needs exists',
  stopsBoot: true,
  run(subject) {
    const lines = readFstab(subject.root);
    if (lines === null) return null;
    const mounts = lines.filter(({ type, at }) => type !== 'swap' && !['none', 'swap', '/'].includes(at));
    if (mounts.length === 0) return null;
    const found = mounts.flatMap((entry): Finding[] => {
      const finding = lookAtLine(entry, subject);
      if (finding === null) return [];
      const text = `line ${entry.line}: ${finding.text}`;
      return [{ text, weight: isOptional(entry.options) ? 'note' : finding.weight }];
    });
    const of = (weight: Finding['weight']) => found.filter((each) => each.weight === weight).map(({ text }) => text);
    return verdictOfAll(
      { problems: of('problem'), unknown: of('unknown'), notes: of('note') },
      {
        hint: fstabHint,
        good: `${mounts.length} file systems of /etc/fstab were looked up`,
        unknownHint: fstabUnknownHint,
      },
    );
  },
};
