import { type Distribution, renderInstall } from '../../common/packages/distribution.ts';
import type { Reported } from './finding.ts';

/** Whether nothing stops `create`. */
export function isGood(found: readonly Reported[]): boolean {
  return !found.some(({ level }) => level === 'problem');
}

/** The report for people, line by line: what is good in a word each, the rest with what to do; last one command for all packages. */
export function renderFindings(found: readonly Reported[], distribution?: Distribution): string[] {
  const lines: string[] = [];
  for (const finding of found) {
    if (finding.level === 'ok') lines.push(`  ok       ${finding.title}`);
    else {
      lines.push(`  ${finding.level.padEnd(8)} ${finding.title}`);
      lines.push(`           ${finding.what}`, `           -> ${finding.fix}`);
    }
  }
  const packages = found.flatMap((finding) => (finding.level === 'ok' ? [] : (finding.packages ?? [])));
  if (distribution && new Set(packages).size > 0)
    lines.push('', 'Everything that is missing, at once:', `  ${renderInstall(distribution, packages)}`);
  const problems = found.filter(({ level }) => level === 'problem').length;
  const warnings = found.filter(({ level }) => level === 'warning').length;
  const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
  const verdict = problems > 0 ? 'This machine cannot be saved yet' : 'This machine can be saved';
  lines.push('', `${verdict}: ${many(problems, 'problem')}, ${many(warnings, 'warning')}.`);
  return lines;
}

/** For programs, as JSON. */
export function reportFindings(found: readonly Reported[]): { ok: boolean; findings: readonly Reported[] } {
  return { ok: isGood(found), findings: found };
}
