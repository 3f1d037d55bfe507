import { reportOf } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import type { Action, Plan } from '../plan/step.ts';
import { type Proof, summarizeProof } from '../proof/proof-schema.ts';
import { prove } from '../proof/prove.ts';
import { assertMounted } from './disk-actions.ts';
import { log } from './log.ts';

/** Whether the restored system can start, finding by finding in the log. A proof that cannot be made stops nothing. */
export async function proveRestored({ root, disks }: Extract<Action, { type: 'prove' }>): Promise<Proof[]> {
  const proofs = await prove({ root, disks }).catch((error: unknown): Proof[] => {
    const { message, cause } = reportOf(error);
    const detail = `${message} ${cause}`;
    return [{ id: 'proof', title: 'it was looked at', result: 'cannot-tell', detail, hint: null, stopsBoot: true }];
  });
  for (const { id, result, detail, hint } of proofs)
    log(`  ${result} ${id}: ${detail}${hint === null ? '' : ` Next: ${hint}`}`);
  log(summarizeProof(proofs));
  return proofs;
}

/**
 * Everything is flushed and unmounted by now. What failed its proof is mounted again, for the shell of a person who
 * wants to correct it; a power cut does no harm to what was flushed before.
 */
export async function mountUnproven(plan: Plan, proofs: readonly Proof[]): Promise<void> {
  if (!proofs.some(({ result }) => result === 'fail')) return;
  const actions = plan.steps.find(({ id }) => id === 'mount:target')?.actions ?? [];
  for (const action of actions) {
    if (action.type === 'run') await run(action.argv, action.okExit === undefined ? {} : { okExit: action.okExit });
    if (action.type === 'assert-mounted') await assertMounted(action);
  }
}
