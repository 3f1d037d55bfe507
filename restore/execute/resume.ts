import { setTimeout as sleep } from 'node:timers/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import type { Plan } from '../plan/step.ts';
import type { JournalEntry } from './journal.ts';
import { log } from './log.ts';

/** The journal's name for the whole restore; its `begin` opens a new one. */
export const wholeRestore = 'restore';

/** Steps of this plan that were done since it was begun last; null when it was not begun, or ended. */
function doneSteps(plan: Plan, entries: readonly JournalEntry[]): Set<string> | null {
  const begun = entries.findLastIndex(({ step, state }) => step === wholeRestore && state === 'begin');
  const since = entries.slice(begun);
  if (begun < 0 || since.some((entry) => entry.plan !== plan.digest)) return null;
  if (since.some(({ step, state }) => step === wholeRestore && state === 'done')) return null;
  return new Set(since.flatMap(({ step, state }) => (state === 'done' ? [step] : [])));
}

/**
 * Which steps "continue" runs, as indexes in order: the disks are compared once more, what must be mounted is mounted again, a
 * file system that was half filled is made and filled anew. Pure.
 * @returns with the step that stopped; null when it must begin anew: the partitions were not all made yet, or nothing was interrupted
 */
export function stepsToContinue(
  plan: Plan,
  entries: readonly JournalEntry[],
): { stopped: number; order: number[] } | null {
  const done = doneSteps(plan, entries);
  const ids = plan.steps.map(({ id }) => id);
  const next = done === null ? -1 : ids.findIndex((id) => !done.has(id));
  // A half-made array, volume or group cannot be told from a whole one; once all are made they stay as they are.
  if (next < 0 || next <= ids.findLastIndex((id) => /^(wipe|table|md|luks|group):/.test(id))) return null;
  const checks = ids.flatMap((id, index) => (id.startsWith('check:') && index < next ? [index] : []));
  const filled = /^extract:(.*)$/.exec(ids[next] ?? '')?.[1];
  const make = filled === undefined ? -1 : ids.indexOf(`make:${filled}`);
  if (filled !== undefined && (make < 0 || make > next)) return null;
  const mount = ids.indexOf('mount:target');
  const order = [
    ...checks,
    ...(make < 0 ? [] : [make]),
    ...(mount >= 0 && mount < next ? [mount] : []),
    ...ids.slice(next).map((_, index) => next + index),
  ];
  return { stopped: next, order };
}

const busySeconds = 15;

/** Unmounts what an interrupted restore left mounted, the innermost first. @throws RekindleError RK452 when it stays in use */
export async function unmountLeftovers(plan: Plan): Promise<void> {
  const places = new Set(
    plan.steps.flatMap(({ actions }) =>
      actions.flatMap((action) => (action.type === 'assert-mounted' ? action.at : [])),
    ),
  );
  for (const at of [...places].toSorted((one, other) => other.length - one.length)) {
    // tar of the engine that was killed may need a moment to end.
    for (let tries = 0; await isMounted(at); tries += 1) {
      const { exitCode, stderr } = await run(['umount', at], { okExit: [0, 1, 32] });
      if (exitCode === 0) log(`unmounted ${at}, which the interrupted restore had left`);
      else if (tries >= busySeconds) throw new RekindleError('RK452', stderr.trim());
      else await sleep(1000);
    }
  }
}

async function isMounted(at: string): Promise<boolean> {
  return (await run(['findmnt', '--noheadings', '--mountpoint', at], { okExit: [0, 1] })).exitCode === 0;
}
