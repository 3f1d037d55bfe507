import { reportOf } from '../../common/errors/error.ts';
import { opensLayer } from '../plan/reopen.ts';
import type { Plan } from '../plan/step.ts';
import type { Proof } from '../proof/proof-schema.ts';
import type { ActionContext } from './action-context.ts';
import { executeAction } from './execute-action.ts';
import { log } from './log.ts';

/**
 * Everything is flushed, unmounted and closed by now. What failed its proof is opened and mounted again, for the shell of a person
 * who wants to correct it; a power cut does no harm to what was flushed before. The restore has ended well whatever becomes of this.
 * @returns whether it is mounted
 */
export async function mountUnproven(plan: Plan, proofs: readonly Proof[], context: ActionContext): Promise<boolean> {
  if (!proofs.some(({ result }) => result === 'fail')) return false;
  const layers = plan.reopen?.steps ?? plan.steps.filter(({ id }) => opensLayer(id));
  const mounting = plan.steps.filter(({ id }) => id === 'mount:target');
  try {
    for (const { actions } of [...layers, ...mounting])
      for (const action of actions) await executeAction(action, context);
    return mounting.length > 0;
  } catch (error) {
    log(`the restored machine is not mounted for you: ${reportOf(error).cause}`);
    return false;
  }
}
