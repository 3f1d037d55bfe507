import { type Check, verdictOfAll } from '../check.ts';
import { mountAbove } from '../fstab-line.ts';
import { isOptional, readFstab } from '../read/tables.ts';
import { readTarget } from '../read/target.ts';
import { lookUp } from '../reference/collect.ts';
import { judge, settle } from '../reference/reference.ts';
import type { Subject } from '../subject.ts';

/** swapon(8): the mark at the end of the first page. */
const mark = 'SWAPSPACE2';
const pageBytes = 4096;

type Outcome = { problem: string } | { unknown: string } | null;

/** Swap areas and the place that the machine resumes from. */
export const swap: Check = {
  id: 'swap',
  title: 'swap areas and resume= exist',
  stopsBoot: false,
  run(subject) {
    const problems: string[] = [];
    const unknown: string[] = [];
    const notes: string[] = [];
    const sort = (where: string, outcome: Outcome, isMild = false): void => {
      if (outcome === null) return;
      if ('problem' in outcome) (isMild ? notes : problems).push(`${where}: ${outcome.problem}`);
      else (isMild ? notes : unknown).push(`${where}: ${outcome.unknown}`);
    };
    const lines = (readFstab(subject.root) ?? []).filter(({ type }) => type === 'swap');
    for (const { spec, line, options } of lines)
      sort(`fstab line ${line}`, areaOutcome(spec, subject), isOptional(options));
    const places = resumePlaces(subject);
    for (const { where, spec } of places) sort(where, resumeOutcome(spec, subject));
    if (lines.length === 0 && places.length === 0) return null;
    return verdictOfAll(
      { problems, unknown, notes },
      {
        hint: 'Correct it, or take it out: the machine waits a minute or more for a swap area that is not there.',
        good: `${lines.length} swap areas and ${places.length} places to resume from were looked up`,
        unknownHint: 'Look with "swapon --show" once the machine runs, or write UUID=... of a swap area there.',
      },
    );
  },
};

function areaOutcome(spec: string, subject: Subject): Outcome {
  const judged = judge(settle(lookUp(spec, subject), ({ content }) => content === 'swap'));
  if (judged === 'no-device') return fileOutcome(spec, subject);
  if ('problem' in judged) return { problem: `${spec} ${judged.problem}` };
  if ('unknown' in judged) return { unknown: `${spec} ${judged.unknown}` };
  const { device, holds } = judged;
  if (holds === 'swap' || (device === null && holds === null)) return null;
  return { problem: `${device?.path ?? spec} holds ${holds ?? 'nothing known'}, no swap area` };
}

function fileOutcome(spec: string, subject: Subject): Outcome {
  const head = subject.root.head(spec, pageBytes);
  const above = head === null ? mountAbove(spec, subject) : null;
  if (above !== null) return { unknown: `the file ${spec} lies in ${above.at}, which was not looked into` };
  if (head === null) return { problem: `the file ${spec} does not exist` };
  return head.toString('latin1', pageBytes - mark.length) === mark
    ? null
    : { problem: `the file ${spec} is no swap area` };
}

function resumeOutcome(spec: string, subject: Subject): Outcome {
  const judged = judge(settle(lookUp(spec, subject), ({ content }) => content === 'swap'));
  if (judged === 'no-device') return null;
  if ('problem' in judged) return { problem: `${spec} ${judged.problem}` };
  return 'unknown' in judged ? { unknown: `${spec} ${judged.unknown}` } : null;
}

function resumePlaces(subject: Subject): { where: string; spec: string }[] {
  const argument = readTarget(subject).options?.findLast((option) => option.startsWith('resume='));
  const configured = /^[ \t]*RESUME=(.+)$/m
    .exec(subject.root.text('/etc/initramfs-tools/conf.d/resume') ?? '')?.[1]
    ?.trim();
  const found: { where: string; spec: string }[] = [];
  if (argument !== undefined) found.push({ where: 'resume=', spec: argument.slice('resume='.length) });
  if (configured !== undefined && !/^["']?(none|auto)["']?$/.test(configured))
    found.push({ where: 'initramfs-tools', spec: configured });
  return found;
}
