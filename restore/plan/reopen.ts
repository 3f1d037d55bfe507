import { digestOf } from './digest.ts';
import type { Plan } from './step.ts';

/** Steps that put an array, an encrypted device or a volume group together. */
export function makesLayer(id: string): boolean {
  return /^(md|luks|group):/.test(id);
}

/** Steps that open one that is there. */
export function opensLayer(id: string): boolean {
  return id.startsWith('open:');
}

/** Whether the plan goes on with a machine whose layers were made before it was switched off. */
export function isReopened({ steps }: Pick<Plan, 'steps'>): boolean {
  return steps.some(({ id }) => makesLayer(id)) && steps.some(({ id }) => opensLayer(id));
}

/**
 * The plan for a machine that was switched off in the middle of it: what it made then is opened, with the passphrases that were
 * chosen. All of its other steps are the same. Pure; a plan that makes no layers is its own.
 */
export function reopenedPlan(plan: Plan): Plan {
  const { reopen, ...rest } = plan;
  if (reopen === undefined) return plan;
  const made = plan.steps.findLastIndex(({ id }) => makesLayer(id)) + 1;
  const steps = [...plan.steps.slice(0, made), ...reopen.steps, ...plan.steps.slice(made)];
  return { ...rest, steps, digest: digestOf(steps), secrets: reopen.secrets };
}
