import { reportOf } from '../../common/errors/error.ts';
import type { Action } from '../plan/step.ts';
import { type Proof, summarizeProof } from '../proof/proof-schema.ts';
import { prove } from '../proof/prove.ts';
import { log } from './log.ts';

type ProveAction = Extract<Action, { type: 'prove' }>;

/** Whether the restored system can start, finding by finding in the log. A proof that cannot be made stops nothing. */
export async function proveRestored({ root, disks, saved }: ProveAction): Promise<Proof[]> {
  const proofs = await prove({ root, disks, ...(saved === undefined ? {} : { saved }) }).catch(
    (error: unknown): Proof[] => {
      const { message, cause } = reportOf(error);
      const detail = `${message} ${cause}`;
      const hint = 'Mount the restored system in a shell, and look at it with "rekindle prove --root DIR".';
      return [{ id: 'proof', title: 'it was looked at', result: 'cannot-tell', detail, hint, stopsBoot: true }];
    },
  );
  for (const { id, result, detail, hint } of proofs)
    log(`  ${result} ${id}: ${detail}${hint === null ? '' : ` Next: ${hint}`}`);
  log(summarizeProof(proofs));
  return proofs;
}
