import type { Plan } from '../plan/step.ts';
import { type ActionContext, executeAction } from './execute-action.ts';
import { log } from './log.ts';
import type { ProgressTracker } from './progress.ts';
import { unmountLeftovers, wholeRestore } from './resume.ts';

export interface Execution extends Omit<ActionContext, 'onExtract'> {
  plan: Plan;
  tracker: ProgressTracker;
  onChange: () => void;
  /** Steps to run, as indexes: a restore that goes on where another one stopped. Without it all, from the first. */
  order?: readonly number[];
}

/** Runs all steps in order, each journalled before and after. The first that fails stops everything: its error is thrown. */
export async function executePlan({ plan, tracker, onChange, order, ...context }: Execution): Promise<void> {
  const { journal } = context;
  if (order === undefined) journal.write(plan.digest, wholeRestore, 'begin');
  else await unmountLeftovers(plan);
  for (const index of order ?? plan.steps.keys()) {
    const step = plan.steps[index];
    if (step === undefined) continue;
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
  journal.write(plan.digest, wholeRestore, 'done');
}
