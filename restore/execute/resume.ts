import { setTimeout as sleep } from 'node:timers/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { listMounts } from '../layout/mounts.ts';
import { isReopened, makesLayer, opensLayer } from '../plan/reopen.ts';
import type { Plan } from '../plan/step.ts';
import type { JournalEntry } from './journal.ts';
import { log } from './log.ts';

/** The journal's name for the whole restore; its `begin` opens a new one. */
export const wholeRestore = 'restore';

/** What happened since this plan was begun last; empty when it was not begun, or ended. */
export function sinceBegun(plan: Plan, entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const begun = entries.findLastIndex(({ step, state }) => step === wholeRestore && state === 'begin');
  const since = begun < 0 ? [] : entries.slice(begun);
  const isOver = since.some(({ step, state }) => step === wholeRestore && state === 'done');
  return isOver || since.some((entry) => entry.plan !== plan.digest) ? [] : since;
}

/** Steps that nobody waits for any more. */
export function settledSteps(since: readonly JournalEntry[]): Set<string> {
  return new Set(since.flatMap(({ step, state }) => (state === 'done' || state === 'skipped' ? [step] : [])));
}

/** What is mounted at the end, looked at, and unmounted: a new engine must do all of that again. */
const again = ['mount:target', 'prove', 'unmount'];

/**
 * Which steps "continue" runs, as indexes in order: the disks are compared once more, what must be mounted is mounted again, a
 * file system that was half filled is made and filled anew, what was proven is proven again. After a power cut layers are opened. Pure.
 * @returns with the step that stopped; null when it must begin anew: the partitions were not all made yet, or nothing was interrupted
 */
export function stepsToContinue(
  plan: Plan,
  entries: readonly JournalEntry[],
): { stopped: number; order: number[] } | null {
  const since = sinceBegun(plan, entries);
  if (since.length === 0) return null;
  const settled = settledSteps(since);
  const ids = plan.steps.map(({ id }) => id);
  const reopened = isReopened(plan);
  const open = ids.findIndex((id) => !settled.has(id) && !(reopened && opensLayer(id)));
  const next = open < 0 ? ids.length : open;
  // A half-made array, volume or group cannot be told from a whole one; once all are made they stay as they are.
  if (next <= ids.findLastIndex((id) => /^(wipe|table):/.test(id) || makesLayer(id))) return null;
  const filled = /^extract:(.*)$/.exec(ids[next] ?? '')?.[1];
  const refill = filled === undefined ? [] : stepsToRefill(ids, filled, next);
  if (refill === null) return null;
  const isSkipped = (index: number): boolean => since.findLast(({ step }) => step === ids[index])?.state === 'skipped';
  const before = (wanted: (id: string) => boolean): number[] =>
    ids.flatMap((id, index) => (index < next && wanted(id) ? [index] : []));
  const order = [
    ...before((id) => id.startsWith('check:')),
    // Whatever is open of it is closed first.
    ...(reopened ? before((id) => id.startsWith('release:') || id === 'names' || opensLayer(id)) : []),
    ...refill.filter((index) => !isSkipped(index)),
    ...before((id) => again.includes(id)).filter((index) => !isSkipped(index)),
    ...ids.slice(next).map((_, index) => next + index),
  ];
  return { stopped: Math.min(next, ids.length - 1), order };
}

/**
 * Makes a file system anew, and fills again what else was in it: 'disk0:5:@home' is one subvolume of 'disk0:5'.
 * Null when nothing makes it, though the plan makes others.
 */
function stepsToRefill(ids: readonly string[], filled: string, next: number): number[] | null {
  const make = ids.findLastIndex(
    (id, index) => index < next && id.startsWith('make:') && isOf(filled, id.slice('make:'.length)),
  );
  // What nothing made is filled once more over what is there.
  if (make < 0) return ids.some((id) => id.startsWith('make:')) ? null : [];
  const node = ids[make]?.slice('make:'.length) ?? '';
  const others = ids.flatMap((id, index) =>
    index < next && id.startsWith('extract:') && isOf(id.slice('extract:'.length), node) ? [index] : [],
  );
  return [make, ...others];
}

function isOf(name: string, node: string): boolean {
  return name === node || name.startsWith(`${node}:`);
}

const busySeconds = 15;

/**
 * Unmounts what an interrupted restore left mounted, the innermost first; also what a step that failed had mounted below.
 * @throws RekindleError RK452 when it stays in use
 */
export async function unmountLeftovers(plan: Plan): Promise<void> {
  const places = plan.steps.flatMap(({ actions }) =>
    actions.flatMap((action) => (action.type === 'assert-mounted' ? action.at : [])),
  );
  const isBelow = (target: string): boolean => places.some((at) => target === at || target.startsWith(`${at}/`));
  // tar of the engine that was killed may need a moment to end.
  for (let tries = 0; ; tries += 1) {
    const targets = (await listMounts()).map(({ target }) => target).filter(isBelow);
    if (targets.length === 0) return;
    let problem = '';
    // Mounted later, on top or below: unmounted first.
    for (const at of targets.toReversed()) {
      const { exitCode, stderr } = await run(['umount', at], { okExit: [0, 1, 32] });
      if (exitCode === 0) log(`unmounted ${at}, which the interrupted restore had left`);
      else problem ||= stderr.trim();
    }
    if (problem !== '' && tries >= busySeconds) throw new RekindleError('RK452', problem);
    if (problem !== '') await sleep(1000);
  }
}
