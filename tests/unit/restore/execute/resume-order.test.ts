import { describe, expect, it } from 'vitest';
import { stepsToContinue } from '../../../../restore/execute/resume.ts';
import type { Plan, Step } from '../../../../restore/plan/step.ts';
import { sampleSet } from '../../../fixtures/small-set.ts';

function step(id: string): Step {
  return { id, title: id, target: '', destroys: null, weightBytes: 0, actions: [] };
}

describe('the steps to continue with', () => {
  const ids = ['release:d', 'check:d', 'wipe:d', 'table:d', 'make:d:1', 'extract:d:1', 'mount:target', 'boot', 'log'];
  const plan: Plan = { set: sampleSet, digest: 'one', targets: [], warnings: [], steps: ids.map((id) => step(id)) };
  const journal = (...done: string[]) =>
    [['restore', 'begin'], ...done.map((id) => [id, 'done'])].map(([id = '', state]) => ({
      at: '',
      plan: 'one',
      step: id,
      state: state === 'begin' ? ('begin' as const) : ('done' as const),
    }));
  const named = (entries: ReturnType<typeof journal>): string[] | null =>
    stepsToContinue(plan, entries)?.order.map((index) => ids[index] ?? '') ?? null;

  it('[C10] compare the disk first, fill a half filled file system anew, mount again what was mounted', () => {
    expect(named(journal(...ids.slice(0, 3)))).toBeNull();
    expect(named(journal(...ids.slice(0, 4)))).toEqual(['check:d', ...ids.slice(4)]);
    expect(named(journal(...ids.slice(0, 5)))).toEqual(['check:d', 'make:d:1', ...ids.slice(5)]);
    expect(named(journal(...ids.slice(0, 6)))).toEqual(['check:d', ...ids.slice(6)]);
    expect(named(journal(...ids.slice(0, 7)))).toEqual(['check:d', 'mount:target', ...ids.slice(7)]);
  });

  it('[C10] are none for another plan, a restore that ended, or a journal of an earlier one', () => {
    expect(named(journal(...ids, 'restore'))).toBeNull();
    expect(named([])).toBeNull();
    expect(named([...journal(...ids), ...journal()])).toBeNull();
    expect(stepsToContinue({ ...plan, digest: 'other' }, journal(...ids.slice(0, 6)))).toBeNull();
  });

  it('[C10] prove again what a new engine did not see, and leave nothing mounted at the end', () => {
    const more = ['mount:target', 'prove', 'log', 'unmount', 'finish:d:1'];
    const all = ['check:d', 'wipe:d', 'make:d:1', 'extract:d:1', ...more];
    const whole = { ...plan, steps: all.map((id) => step(id)) };
    const onAfter = (id: string): string[] | undefined =>
      stepsToContinue(whole, journal(...all.slice(0, all.indexOf(id) + 1)))?.order.map((index) => all[index] ?? '');
    expect(onAfter('mount:target')).toEqual(['check:d', 'mount:target', 'prove', 'log', 'unmount', 'finish:d:1']);
    expect(onAfter('log')).toEqual(['check:d', 'mount:target', 'prove', 'unmount', 'finish:d:1']);
    expect(onAfter('unmount')).toEqual(['check:d', 'mount:target', 'prove', 'unmount', 'finish:d:1']);
    // Cut between the last step and the note that all is over.
    expect(onAfter('finish:d:1')).toEqual(['check:d', 'mount:target', 'prove', 'unmount']);
  });

  it('[C10] fill all subvolumes again of a file system that is made anew, but none that was left out', () => {
    const all = ['check:d', 'table:d', 'make:d:5', 'extract:d:5:@', 'extract:d:5:@var', 'extract:d:5:@home', 'log'];
    const whole = { ...plan, steps: all.map((id) => step(id)) };
    const done = journal(...all.slice(0, 5));
    const order = stepsToContinue(whole, done)?.order.map((index) => all[index] ?? '');
    expect(order).toEqual(['check:d', ...all.slice(2)]);
    const skipped = done.map((entry) => ({
      ...entry,
      state: entry.step === 'extract:d:5:@var' ? ('skipped' as const) : entry.state,
    }));
    expect(stepsToContinue(whole, skipped)?.order.map((index) => all[index] ?? '')).toEqual([
      ...['check:d', 'make:d:5', 'extract:d:5:@', 'extract:d:5:@home', 'log'],
    ]);
  });

  it('[C10] [C12] fill once more over what is there where nothing was made', () => {
    const all = ['check:device', 'extract:d:1:@', 'extract:d:1:@home', 'flags:d:1:@home'];
    const into = { ...plan, steps: all.map((id) => step(id)) };
    const onAfter = (id: string): string[] | undefined =>
      stepsToContinue(into, journal(...all.slice(0, all.indexOf(id) + 1)))?.order.map((index) => all[index] ?? '');
    expect(onAfter('check:device')).toEqual(all);
    expect(onAfter('extract:d:1:@')).toEqual(['check:device', 'extract:d:1:@home', 'flags:d:1:@home']);
    // Where the plan makes file systems, one that it does not make is not understood.
    const strange = { ...plan, steps: ['check:d', 'make:d:2', 'extract:d:1'].map((id) => step(id)) };
    expect(stepsToContinue(strange, journal('check:d', 'make:d:2'))).toBeNull();
  });
});
