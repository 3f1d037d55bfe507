import { type Check, cannotTell, fail, verdictOfAll } from '../check.ts';
import { includesDevice } from '../devices.ts';
import { fstabHint, fstabUnknownHint, lookAtLine, resolveSource } from '../fstab-line.ts';
import { type FstabLine, readFstab } from '../read/tables.ts';
import { candidatesOf } from '../reference/reference.ts';
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
    if (entry === undefined)
      return cannotTell('/etc/fstab does not name /.', 'Where / stays read-only after the start, write a line for it.');
    const finding = lookAtLine(entry, subject);
    const texts = (weight: string): string[] => (finding?.weight === weight ? [finding.text] : []);
    const inLine = (text: string): string => `line ${entry.line}: ${text}; ${readOnly}`;
    return verdictOfAll(
      {
        problems: [...texts('problem'), ...anotherRoot(entry, subject)].map(inLine),
        unknown: texts('unknown').map(inLine),
        notes: texts('note'),
      },
      { hint: fstabHint, good: `${entry.spec} was looked up`, unknownHint: fstabUnknownHint },
    );
  },
};

/** The file system on / must be the one that was restored there. */
function anotherRoot(entry: FstabLine, subject: Subject): string[] {
  const mounted = subject.mounts.find(({ at }) => at === '/')?.device;
  if (mounted === undefined) return [];
  const candidates = candidatesOf(resolveSource(entry, subject));
  if (candidates.length === 0 || includesDevice(candidates, mounted)) return [];
  return [`/ is ${candidates.map(({ path }) => path).join(', ')}, restored was ${mounted}`];
}
