import { type Check, verdictOf } from '../check.ts';
import { resolveReference } from '../devices.ts';
import { isOptional, readFstab } from '../read/tables.ts';
import { readTarget } from '../read/target.ts';
import type { Subject } from '../subject.ts';

/** swapon(8): the mark at the end of the first page. */
const mark = 'SWAPSPACE2';
const pageBytes = 4096;

/** Swap areas and the place that the machine resumes from. */
export const swap: Check = {
  id: 'swap',
  title: 'swap areas and resume= exist',
  stopsBoot: false,
  run(subject) {
    const problems: string[] = [];
    const notes: string[] = [];
    const lines = (readFstab(subject.root) ?? []).filter(({ type }) => type === 'swap');
    for (const { spec, line, options } of lines) {
      const problem = areaProblem(spec, subject);
      if (problem !== null) (isOptional(options) ? notes : problems).push(`fstab line ${line}: ${problem}`);
    }
    const places = resumePlaces(subject);
    for (const { where, spec } of places) {
      const found = resolveReference(spec, subject.devices);
      if (found.kind === 'missing') problems.push(`${where}: ${spec} is on none of the restored disks`);
    }
    if (lines.length === 0 && places.length === 0) return null;
    const hint = 'Correct it, or take it out: the machine waits a minute or more for a swap area that is not there.';
    return verdictOf(
      problems,
      hint,
      `${lines.length} swap areas and ${places.length} places to resume from were looked up`,
      notes,
    );
  },
};

function areaProblem(spec: string, { root, devices }: Subject): string | null {
  const found = resolveReference(spec, devices);
  if (found.kind === 'missing') return `${spec} is on none of the restored disks`;
  if (found.kind === 'found' && found.device.content !== 'swap') {
    return `${found.device.path} holds ${found.device.content ?? 'nothing known'}, no swap area`;
  }
  if (found.kind !== 'not-a-device') return null;
  const head = root.head(spec, pageBytes);
  if (head === null) return `the file ${spec} does not exist`;
  return head.toString('latin1', pageBytes - mark.length) === mark ? null : `the file ${spec} is no swap area`;
}

function resumePlaces(subject: Subject): { where: string; spec: string }[] {
  const argument = readTarget(subject).options?.findLast((option) => option.startsWith('resume='));
  const configured = /^[ \t]*RESUME=(.+)$/m
    .exec(subject.root.text('/etc/initramfs-tools/conf.d/resume') ?? '')?.[1]
    ?.trim();
  const found: { where: string; spec: string }[] = [];
  if (argument !== undefined) found.push({ where: 'resume=', spec: argument.slice('resume='.length) });
  if (configured !== undefined && !/^(none|auto)$/.test(configured))
    found.push({ where: 'initramfs-tools', spec: configured });
  return found;
}
