import { type Distribution, renderInstall } from '../../common/packages/distribution.ts';
import type { Reported } from './finding.ts';

/** Whether nothing stops `create`. */
export function isGood(found: readonly Reported[]): boolean {
  return !found.some(({ level }) => level === 'problem');
}

const labels = { ok: 'ok', warning: 'warning', problem: 'problem', 'not-checked': 'not checked' } as const;
const indent = ' '.repeat(15);

/** The report for people, line by line: what is good in a word each, the rest with what to do; last one command for all packages. */
export function renderFindings(found: readonly Reported[], distribution?: Distribution): string[] {
  const lines: string[] = [];
  for (const finding of found) {
    lines.push(`  ${labels[finding.level].padEnd(12)} ${finding.title}`);
    if (finding.level === 'ok') continue;
    lines.push(`${indent}${finding.what}`);
    if (finding.level !== 'not-checked') lines.push(`${indent}-> ${finding.fix}`);
  }
  const packages = found.flatMap((finding) => ('packages' in finding ? (finding.packages ?? []) : []));
  if (distribution && new Set(packages).size > 0)
    lines.push('', 'Everything that is missing, at once:', `  ${renderInstall(distribution, packages)}`);
  const count = (level: Reported['level']): number => found.filter((each) => each.level === level).length;
  const many = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const [problems, warnings, unknown] = [count('problem'), count('warning'), count('not-checked')];
  const good =
    unknown === 0 ? 'This machine can be saved' : 'Nothing that was checked stops the saving of this machine';
  const verdict = problems > 0 ? 'This machine cannot be saved yet' : good;
  const open = unknown === 0 ? '' : `, ${many(unknown, 'point')} not checked`;
  lines.push('', `${verdict}: ${many(problems, 'problem')}, ${many(warnings, 'warning')}${open}.`);
  return lines;
}

/** For programs, as JSON. */
export function reportFindings(found: readonly Reported[]): { ok: boolean; findings: readonly Reported[] } {
  return { ok: isGood(found), findings: found };
}
