import * as z from 'zod';

/** What one check found. */
export const proofSchema = z.object({
  id: z.string(),
  title: z.string(),
  result: z.enum(['pass', 'fail', 'cannot-tell']),
  /** One sentence: what was looked at and found, or why nobody can tell. */
  detail: z.string(),
  /** What to do; null when it passed. */
  hint: z.string().nullable(),
  /** Whether a machine that fails it will probably not come up. */
  stopsBoot: z.boolean(),
});
export type Proof = z.infer<typeof proofSchema>;

/** One line for a person: how many of what. */
export function summarizeProof(proofs: readonly Proof[]): string {
  const count = (result: Proof['result']): number => proofs.filter((proof) => proof.result === result).length;
  const rest = [
    count('fail') > 0 ? `${count('fail')} failed` : '',
    count('cannot-tell') > 0 ? `${count('cannot-tell')} unknown` : '',
  ].filter(Boolean);
  return [`${count('pass')} of ${proofs.length} proven`, ...rest].join(', ');
}
