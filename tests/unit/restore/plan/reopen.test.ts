import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JournalEntry, parsePlan } from '../../../../restore/execute/journal.ts';
import { secretsIn } from '../../../../restore/execute/plan-secrets.ts';
import { stepsToContinue } from '../../../../restore/execute/resume.ts';
import { planDigest } from '../../../../restore/plan/digest.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import { isReopened, makesLayer, reopenedPlan } from '../../../../restore/plan/reopen.ts';
import type { Plan } from '../../../../restore/plan/step.ts';
import { biosGptMachine } from './machines.ts';
import { ids, inputOf, withRoot } from './part/scope-input.ts';
import { stacks } from './random-stacks.ts';

const layered = stacks
  .map((layout) => planRestore(inputOf(withRoot(layout), 2 ** 40)))
  .filter(({ reopen }) => reopen !== undefined);

/** A journal in which the steps before this one were done. */
function doneBefore({ digest, steps }: Plan, index: number): JournalEntry[] {
  const entry = { at: '', plan: digest };
  return [
    { ...entry, step: 'restore', state: 'begin' },
    ...steps.slice(0, index).map(({ id }) => ({ ...entry, step: id, state: 'done' as const })),
  ];
}

describe('[C10] a plan that goes on after the machine was off', () => {
  it('opens each layer that it had made, and is otherwise the same', () => {
    fc.assert(
      fc.property(layered, (plan) => {
        const again = reopenedPlan(plan);
        expect(isReopened(plan)).toBe(false);
        expect(isReopened(again)).toBe(true);
        expect(reopenedPlan(again)).toBe(again);
        expect(ids(again).filter((id) => !id.startsWith('open:'))).toEqual(ids(plan));
        const opened = ids(again).flatMap((id) => (id.startsWith('open:') ? [id.slice('open:'.length)] : []));
        const made = ids(plan).filter((id) => makesLayer(id));
        expect(opened).toEqual(made.filter((id) => opened.includes(id)));
        for (const { opens } of again.secrets ?? []) expect(opens).toMatch(/^\/dev\//);
        // The same names: what was chosen then opens it now.
        const names = (plan.secrets ?? []).map(({ name }) => name);
        for (const { name } of again.secrets ?? []) expect(names).toContain(name);
      }),
      { numRuns: 100 },
    );
  });

  it('compares the disks, closes what is open and opens the layers before it does what was not done', () => {
    fc.assert(
      fc.property(layered, fc.nat(), (plan, at) => {
        const again = reopenedPlan(plan);
        const first = ids(plan).findLastIndex((id) => makesLayer(id)) + 1;
        const next = first + (at % (plan.steps.length - first));
        // What it was cut in had no steps to open anything.
        const entries = doneBefore(plan, next).map((entry) => ({ ...entry, plan: again.digest }));
        const found = stepsToContinue(again, entries);
        const order = (found?.order ?? []).map((index) => ids(again)[index] ?? '');
        const checks = ids(plan).filter((id) => id.startsWith('check:')).length;
        expect(order.slice(0, checks).every((id) => id.startsWith('check:'))).toBe(true);
        const opening = ids(again).filter((id) => id.startsWith('open:'));
        const names = ids(plan).filter((id) => id === 'names');
        const releases = ids(plan).filter((id) => id.startsWith('release:'));
        const before = [...releases, ...names, ...opening];
        expect(order.slice(checks, checks + before.length)).toEqual(before);
        expect(order.filter((id) => makesLayer(id) || /^(wipe|table):/.test(id))).toEqual([]);
        expect(order.slice(-(plan.steps.length - next))).toEqual(ids(plan).slice(next));
        expect(secretsIn(again, found?.order ?? []).toSorted()).toEqual(
          (again.secrets ?? []).map(({ name }) => name).toSorted(),
        );
        // As before with all made, a layer that is half made is not gone on with.
        expect(stepsToContinue(again, entries.slice(0, first))).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it('is not believed when how it opens something was changed', () => {
    const [plan] = fc.sample(layered, { numRuns: 1, seed: 1 });
    if (plan?.reopen === undefined) throw new Error('no plan with layers');
    expect(parsePlan(JSON.stringify(plan))?.digest).toBe(planDigest(plan));
    const text = JSON.stringify(plan);
    const at = text.lastIndexOf('"title":"open ') + '"title":"open '.length;
    expect(parsePlan(`${text.slice(0, at)}x${text.slice(at)}`)).toBeNull();
  });

  it('has nothing to open where nothing was made', () => {
    const plan = planRestore(inputOf(biosGptMachine()));
    expect(plan.reopen).toBeUndefined();
    expect(reopenedPlan(plan)).toBe(plan);
  });
});
