import type { Plan } from '../plan/step.ts';
import type { ActionContext } from './action-context.ts';
import { executeAction } from './execute-action.ts';
import { disksOf, flushDisks, writes } from './flush.ts';
import { forgetEarlier } from './forget-earlier.ts';
import { KeptOnTarget } from './kept-on-target.ts';
import { log } from './log.ts';
import { assertMade, isBeforeWriting } from './made.ts';
import type { ProgressTracker } from './progress.ts';
import { factsOf } from './remembered.ts';
import { unmountLeftovers, wholeRestore } from './resume.ts';
import { changesDisks } from './written.ts';

export interface Execution extends Omit<ActionContext, 'onExtract' | 'onNote'> {
  plan: Plan;
  tracker: ProgressTracker;
  onChange: () => void;
  /** What the journal on the target is sealed with; null: nothing. */
  journalKey: Buffer | null;
  /** Steps to run, as indexes: a restore that goes on where another one stopped. Without it all, from the first. */
  order?: readonly number[];
}

/**
 * Runs all steps in order, each journalled before and after; what the journal calls done is on the disk. The first that fails
 * stops everything: its error is thrown.
 * @returns what a person should know although every step ended well
 */
export async function executePlan(execution: Execution): Promise<string[]> {
  const { plan, tracker, onChange, order, journalKey, ...context } = execution;
  const { journal } = context;
  const facts = factsOf(context.set, plan);
  const kept = new KeptOnTarget({ plan, journal: journal.path, facts, key: journalKey });
  const disks = disksOf(plan);
  const notes: string[] = [];
  if (order === undefined) journal.write(plan.digest, wholeRestore, 'begin');
  else await unmountLeftovers(plan);
  // Neither looks before the disks were compared, and what either does is journalled as that step.
  const beforeWriting = async (): Promise<void> =>
    order === undefined ? forgetEarlier(plan, journalKey) : assertMade(plan, order);
  const firstWrite =
    order?.find((index) => plan.steps[index] && !isBeforeWriting(plan.steps[index])) ??
    plan.steps.findIndex(changesDisks);
  for (const index of order ?? plan.steps.keys()) {
    const step = plan.steps[index];
    if (step === undefined) continue;
    log(`${index + 1}/${plan.steps.length} ${step.title} (${step.target})`);
    journal.write(plan.digest, step.id, 'begin');
    tracker.begin(index);
    onChange();
    try {
      if (index === firstWrite) await beforeWriting();
      for (const action of step.actions)
        await executeAction(action, {
          ...context,
          onNote: (note) => {
            log(note);
            notes.push(note);
          },
          onExtract: (progress) => {
            tracker.extracted(index, progress);
            onChange();
          },
        });
      if (writes(step)) await flushDisks(disks);
    } catch (error) {
      tracker.end(index, 'failed');
      journal.write(plan.digest, step.id, 'failed');
      throw error;
    }
    journal.write(plan.digest, step.id, 'done');
    // Could write to another disk than the chosen one: where a restore goes on, the checks come first.
    if (!step.id.startsWith('check:')) await kept.follow();
    tracker.end(index, 'done');
    onChange();
  }
  const left = await kept.remove();
  journal.write(plan.digest, wholeRestore, 'done');
  return left === null ? notes : [...notes, left];
}
