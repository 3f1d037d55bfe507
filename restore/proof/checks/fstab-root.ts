import { type Check, cannotTell, fail, verdictOf } from '../check.ts';
import { candidatesOf, includesDevice, resolveReference } from '../devices.ts';
import { fstabHint, problemOf } from '../fstab-line.ts';
import { type FstabLine, readFstab } from '../read/tables.ts';
import type { Subject } from '../subject.ts';

const readOnly = 'the machine starts all the same, but / may stay read-only';

/** The kernel mounts / by its root=, read-only; /etc/fstab makes it writable. Seen by booting it (tests/vm/oracle). */
export const fstabRoot: Check = {
  id: 'fstab-root',
  title: '/ in /etc/fstab is the restored file system',
  stopsBoot: false,
  run(subject) {
    const lines = readFstab(subject.root);
    if (lines === null)
      return fail(`There is no /etc/fstab: ${readOnly}.`, 'Take it out of the backup again, or write it by hand.');
    const entry = lines.find(({ at }) => at === '/');
    if (entry === undefined) return cannotTell('/etc/fstab does not name /.');
    const problem = problemOf(entry, subject);
    const notes = problem?.mild ? [problem.text] : [];
    const problems = [...(problem === null || problem.mild ? [] : [problem.text]), ...anotherRoot(entry, subject)];
    return verdictOf(
      problems.map((text) => `line ${entry.line}: ${text}; ${readOnly}`),
      fstabHint,
      `${entry.spec} was looked up`,
      notes,
    );
  },
};

/** The file system on / must be the one that was restored there. */
function anotherRoot({ spec }: FstabLine, { mounts, devices }: Subject): string[] {
  const mounted = mounts.find(({ at }) => at === '/')?.device;
  if (mounted === undefined) return [];
  const candidates = candidatesOf(resolveReference(spec, devices));
  if (candidates.length === 0 || includesDevice(candidates, mounted)) return [];
  return [`/ is ${candidates.map(({ path }) => path).join(', ')}, restored was ${mounted}`];
}
