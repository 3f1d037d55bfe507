import { type Check, verdictOf } from '../check.ts';
import { fstabHint, problemOf } from '../fstab-line.ts';
import { isOptional, readFstab } from '../read/tables.ts';

/** What systemd waits for before anybody can log in: all but /, which the kernel has mounted by then (fstab-root). */
export const fstab: Check = {
  id: 'fstab',
  title: 'every file system in /etc/fstab exists',
  stopsBoot: true,
  run(subject) {
    const lines = readFstab(subject.root);
    if (lines === null) return null;
    const mounts = lines.filter(({ type, at }) => type !== 'swap' && !['none', 'swap', '/'].includes(at));
    const problems: string[] = [];
    const notes: string[] = [];
    for (const entry of mounts) {
      const problem = problemOf(entry, subject);
      if (problem !== null)
        (isOptional(entry.options) || problem.mild ? notes : problems).push(`line ${entry.line}: ${problem.text}`);
    }
    if (mounts.length === 0) return null;
    return verdictOf(problems, fstabHint, `${mounts.length} file systems of /etc/fstab were looked up`, notes);
  },
};
