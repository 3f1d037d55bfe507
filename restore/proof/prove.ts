import { z } from 'zod';
import type { Verdict } from './check.ts';
import { checks } from './checks.ts';
import { readSubject, type Subject, type SubjectOptions } from './subject.ts';

/** What one check found. */
export const proofSchema = z.object({
  id: z.string(),
  title: z.string(),
  result: z.enum(['pass', 'fail', 'cannot-tell']),
  /** One sentence: what was looked at and found. */
  detail: z.string(),
  /** What to do; null unless it failed. */
  hint: z.string().nullable(),
  /** Whether a machine that fails it will probably not come up. */
  stopsBoot: z.boolean(),
});
export type Proof = z.infer<typeof proofSchema>;

/**
 * Can this system start? Every check that concerns it, in boot order. Changes nothing.
 * @throws RekindleError RK480, RK481 when there is no system to look at
 */
export async function prove(options: SubjectOptions): Promise<Proof[]> {
  return proveSubject(await readSubject(options));
}

/** As prove, of what was read before. */
export async function proveSubject(subject: Subject): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const { id, title, stopsBoot, run } of checks) {
    const verdict = await askSafely(() => run(subject));
    if (verdict !== null) proofs.push({ id, title, stopsBoot, ...verdict });
  }
  return proofs;
}

/** A check that stumbles says so; the others must still be heard. */
async function askSafely(run: () => Verdict | null | Promise<Verdict | null>): Promise<Verdict | null> {
  try {
    return await run();
  } catch (error) {
    return { result: 'cannot-tell', detail: error instanceof Error ? error.message : String(error), hint: null };
  }
}

/** One line for a person: how many of what. */
export function summarizeProof(proofs: readonly Proof[]): string {
  const count = (result: Proof['result']): number => proofs.filter((proof) => proof.result === result).length;
  const rest = [
    count('fail') > 0 ? `${count('fail')} failed` : '',
    count('cannot-tell') > 0 ? `${count('cannot-tell')} unknown` : '',
  ].filter(Boolean);
  return [`${count('pass')} of ${proofs.length} proven`, ...rest].join(', ');
}
