import { cannotTell, type Verdict } from './check.ts';
import { checks } from './checks.ts';
import type { Proof } from './proof-schema.ts';
import { readSubject, type Subject, type SubjectOptions } from './subject.ts';

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
    return cannotTell(error instanceof Error ? error.message : String(error));
  }
}
