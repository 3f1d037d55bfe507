import { opensLayer } from '../plan/reopen.ts';
import type { Plan, Step } from '../plan/step.ts';
import { writes } from './flush.ts';
import type { JournalEntry } from './journal.ts';
import { wholeRestore } from './resume.ts';

/** One restore that the journal tells of, from its beginning. */
export interface JournalledRun {
  /** Null where it is not kept: then only ids tell what was done. */
  plan: Plan | null;
  entries: readonly JournalEntry[];
}

/** A step that was begun counts as written, to which end nobody knows. */
interface WrittenStep {
  step: Pick<Step, 'id' | 'title' | 'target'>;
  isDone: boolean;
}

/** Since this machine was started: what was before, only the disks themselves could tell. */
export const nothingWritten = 'Nothing was written to a disk since this machine was started.';

/** Steps that write to no disk, by id: for plans that are not kept. */
const reading = /^(check|release|open):|^(restore|names|rehearse|prove|close|unmount)$/;

/** The journal in parts: each restore that was begun anew is one, what goes on belongs to the one before. Pure. */
export function runsIn(
  entries: readonly JournalEntry[],
  planOf: (digest: string) => Plan | null,
): readonly JournalledRun[] {
  const runs: { digest: string; entries: JournalEntry[] }[] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    const isNew = entry.step === wholeRestore && entry.state === 'begin';
    if (last === undefined || isNew || last.digest !== entry.plan) runs.push({ digest: entry.plan, entries: [entry] });
    else last.entries.push(entry);
  }
  return runs.map(({ digest, entries: own }) => ({ plan: planOf(digest), entries: own }));
}

/**
 * What restores wrote, in sentences for people at 3 a.m.: the newest that wrote in full, those before by their disks. Pure.
 * @param runs the oldest first @param untold devices that remember a restore which cannot be told: what it wrote is not known
 */
export function describeWritten(runs: readonly JournalledRun[], untold: readonly string[]): string {
  const wrote = runs.filter((run) => writtenSteps(run).length > 0);
  const newest = wrote.at(-1);
  const again = newest === undefined ? [] : wipedDisks(newest);
  const forgotten = untold.filter((device) => !again.some((disk) => device.startsWith(`/dev/${disk}`)));
  const unknown = forgotten.map(
    (device) => `${device} remembers a restore that did not end: what that one wrote is not known.`,
  );
  if (newest === undefined) return [nothingWritten, ...opened(runs), ...unknown].join(' ');
  const isEarlier = runs.at(-1) !== newest;
  const before = wrote.slice(0, -1).flatMap((run) => (run.plan === null ? [''] : disksOf(run)));
  const others = [...new Set(before)].filter((disk) => !again.includes(disk));
  return [
    ...(isEarlier ? ['By the restore before:'] : []),
    ...sentencesOf(newest),
    ...others.map((disk) => `An earlier restore wrote to ${disk === '' ? 'a disk' : disk}.`),
    ...unknown,
  ].join(' ');
}

function opened(runs: readonly JournalledRun[]): string[] {
  const did = runs.some(({ entries }) => entries.some(({ step }) => opensLayer(step)));
  return did ? ['Arrays, encryption or volumes that are there were opened.'] : [];
}

/** In the plan's order. */
function writtenSteps({ plan, entries }: JournalledRun): WrittenStep[] {
  const states = new Map<string, boolean>();
  // What was left out after it had begun stays begun.
  for (const { step, state } of entries) if (state === 'begin' || state === 'done') states.set(step, state === 'done');
  const steps =
    plan === null
      ? [...states.keys()].filter((id) => !reading.test(id)).map((id) => ({ id, title: id, target: 'a disk' }))
      : plan.steps.filter(changesDisks);
  return steps.flatMap((step) => {
    const isDone = states.get(step.id);
    return isDone === undefined ? [] : [{ step, isDone }];
  });
}

/** Whether what a step did is told as written: not what was only tried out, or opened. */
export function changesDisks(step: Step): boolean {
  return writes(step) && step.id !== 'rehearse' && !opensLayer(step.id);
}

/** Those that lost what was on them. */
function wipedDisks(run: JournalledRun): string[] {
  if (run.plan === null) return [];
  return [...new Set(writtenSteps(run).flatMap(({ step }) => (wipes(step.id) ? step.target : [])))];
}

function disksOf(run: JournalledRun): string[] {
  const wiped = wipedDisks(run);
  return wiped.length > 0 ? wiped : (run.plan?.targets ?? []).map(({ disk }) => disk.name);
}

function wipes(id: string): boolean {
  return /^(wipe|table):/.test(id);
}

function sentencesOf(run: JournalledRun): string[] {
  const steps = writtenSteps(run);
  if (run.entries.some(({ step, state }) => step === wholeRestore && state === 'done'))
    return [`The restore onto ${disksOf(run).join(', ') || 'the disk'} went to its end: all of it was written.`];
  const disks = wipedDisks(run).map(
    (disk) => `${disk} ${describeDisk(steps.filter(({ step }) => step.target === disk))}.`,
  );
  const made = steps.filter(({ step, isDone }) => isDone && /^(make|md|luks|group):/.test(step.id));
  const filled = steps.filter(({ step }) => /^(extract|raw):/.test(step.id));
  const last = steps.at(-1);
  const isTold = last !== undefined && (wipes(last.step.id) || filled.includes(last) || made.includes(last));
  return [
    ...disks,
    ...(made.length > 0 && filled.length === 0 ? [`Made: ${made.map(({ step }) => step.target).join(', ')}.`] : []),
    ...listOf(
      'Filled',
      filled.filter(({ isDone }) => isDone),
    ),
    ...listOf(
      'Filled in part',
      filled.filter(({ isDone }) => !isDone),
    ),
    ...(last === undefined || isTold ? [] : [`Last: ${last.step.title}${last.isDone ? '' : ', not to its end'}.`]),
  ];
}

function describeDisk(steps: readonly WrittenStep[]): string {
  const table = steps.find(({ step }) => step.id.startsWith('table:'));
  if (table !== undefined) return table.isDone ? 'was wiped and partitioned' : 'was wiped, perhaps partitioned';
  return steps.some(({ step, isDone }) => step.id.startsWith('wipe:') && isDone) ? 'was wiped' : 'may be wiped';
}

function listOf(what: string, steps: readonly WrittenStep[]): string[] {
  const names = steps.map(({ step }) => /^extract (.+?): /.exec(step.title)?.[1] ?? step.target);
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}.`];
}
