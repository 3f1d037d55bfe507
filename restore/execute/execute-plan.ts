import type { Plan } from '../plan/step.ts';
import type { Proof } from '../proof/proof-schema.ts';
import { type ActionContext, executeAction } from './execute-action.ts';
import { log } from './log.ts';
import type { ProgressTracker } from './progress.ts';

export interface Execution extends Omit<ActionContext, 'onExtract'> {
  plan: Plan;
  tracker: ProgressTracker;
  onChange: () => void;
  onProof: (proofs: Proof[]) => void;
}

/** Runs all steps in order, each journalled before and after. The first that fails stops everything: its error is thrown. */
export async function executePlan({ plan, tracker, onChange, ...context }: Execution): Promise<void> {
  const { journal } = context;
  for (const [index, step] of plan.steps.entries()) {
    log(`${index + 1}/${plan.steps.length} ${step.title} (${step.target})`);
    journal.write(plan.digest, step.id, 'begin');
    tracker.begin(index);
    onChange();
    try {
      for (const action of step.actions)
        await executeAction(action, {
          ...context,
          onExtract: (progress) => {
            tracker.extracted(index, progress);
            onChange();
          },
        });
    } catch (error) {
      tracker.end(index, 'failed');
      journal.write(plan.digest, step.id, 'failed');
      throw error;
    }
    journal.write(plan.digest, step.id, 'done');
    tracker.end(index, 'done');
    onChange();
  }
  journal.write(plan.digest, 'restore', 'done');
}
