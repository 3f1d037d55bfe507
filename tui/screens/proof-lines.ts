import type { ProofResult } from '../../restore/execute/protocol.ts';
import type { Glyphs } from '../glyphs.ts';
import type { PlanLine } from './plan-lines.ts';

export interface ProofLine extends Omit<PlanLine, 'color'> {
  color?: 'red' | 'yellow' | 'green';
}

/** What the proof says as a whole; null when nothing failed. */
export function proofFailure(proof: readonly ProofResult[]): string | null {
  const failed = proof.filter(({ result }) => result === 'fail');
  if (failed.length === 0) return null;
  return failed.some(({ stopsBoot }) => stopsBoot)
    ? 'The restored system will probably not boot:'
    : 'The restored system will probably boot, but something is wrong with it:';
}

/** 'Nothing proven' is no success either. */
export function proofAside(proof: readonly ProofResult[]): string {
  return `${proof.filter(({ result }) => result === 'pass').length} of ${proof.length} proven`;
}

/** Every finding: what failed, with its next step; what nobody could tell; what is proven. */
export function proofLines(
  proof: readonly ProofResult[],
  glyphs: Glyphs,
): Record<'failed' | 'unknown' | 'good', ProofLine[]> {
  const of = (result: ProofResult['result']) => proof.filter((each) => each.result === result);
  return {
    failed: of('fail').flatMap(({ title, detail, hint }): ProofLine[] => [
      { text: `${glyphs.bad} not true: ${title}`, color: 'red' },
      { text: `  Why:  ${detail}`, hanging: 6 },
      ...(hint === null ? [] : [{ text: `  Next: ${hint}`, hanging: 6 }]),
    ]),
    unknown: of('cannot-tell').flatMap(({ title, detail, hint }): ProofLine[] => [
      { text: `? cannot tell: ${title}`, color: 'yellow' },
      { text: `  Why:  ${detail}`, hanging: 6 },
      ...(hint === null ? [] : [{ text: `  Next: ${hint}`, hanging: 6 }]),
    ]),
    good: of('pass').map(({ title }): ProofLine => ({ text: `${glyphs.good} ${title}`, color: 'green' })),
  };
}
