import type { SetAccess } from '../archive/open-archive.ts';
import type { Plan } from '../plan/step.ts';
import { executeAction } from './execute-action.ts';
import type { Journal } from './journal.ts';
import { log } from './log.ts';
import type { ProgressTracker } from './progress.ts';

export interface Execution {
  plan: Plan;
  access: SetAccess;
  journal: Journal;
  logFile: string;
  tracker: ProgressTracker;
  onChange: () => void;
  secrets?: ReadonlyMap<string, string>;
}

/** Runs all steps in order, each journalled before and after. The first that fails stops everything: its error is thrown. */
export async function executePlan({
  plan,
  access,
  journal,
  logFile,
  tracker,
  onChange,
  secrets,
}: Execution): Promise<void> {
  for (const [index, step] of plan.steps.entries()) {
    log(`${index + 1}/${plan.steps.length} ${step.title} (${step.target})`);
    journal.write(plan.digest, step.id, 'begin');
    tracker.begin(index);
    onChange();
    try {
      for (const action of step.actions)
        await executeAction(action, {
          access,
          journal,
          logFile,
          ...(secrets === undefined ? {} : { secrets }),
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
