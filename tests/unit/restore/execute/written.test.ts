import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../../common/run.ts';
import { findInterrupted } from '../../../../restore/execute/find-interrupted.ts';
import { Journal, type JournalEntry } from '../../../../restore/execute/journal.ts';
import { stateDirectory, stateFiles } from '../../../../restore/execute/keep-place.ts';
import { describeWritten, nothingWritten, runsIn } from '../../../../restore/execute/written.ts';
import { keepForRecord, WrittenRecord } from '../../../../restore/execute/written-record.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import type { Plan } from '../../../../restore/plan/step.ts';
import { sampleSet } from '../../../fixtures/small-set.ts';
import { biosGptMachine, biosMachine, manifestOf, setOf, targetDisk, uefiMachine } from '../plan/machines.ts';

function planOf(layout = uefiMachine(), disk = targetDisk()): Plan {
  return planRestore({
    ...{ set: setOf(layout), manifest: manifestOf(layout), layout, bases: [] },
    targets: [{ source: 'disk0', disk }],
  });
}

const plan = planOf();
const ids = plan.steps.map(({ id }) => id);

function entry(step: string, state: JournalEntry['state'], of = plan): JournalEntry {
  return { at: '2026-11-30T00:00:00.000Z', plan: of.digest, step, state };
}

/** A restore up to this step, which ends so. */
function upTo(id: string, last: JournalEntry['state'], of = plan): JournalEntry[] {
  const index = of.steps.findIndex((step) => step.id === id);
  if (index < 0) throw new Error(`the plan has no step ${id}`);
  const before = of.steps.slice(0, index);
  const ended = before.flatMap((step) => [entry(step.id, 'begin', of), entry(step.id, 'done', of)]);
  const own = last === 'begin' ? [] : [entry(id, last, of)];
  return [entry('restore', 'begin', of), ...ended, entry(id, 'begin', of), ...own];
}

function told(
  entries: readonly JournalEntry[],
  plans: readonly Plan[] = [plan],
  untold: readonly string[] = [],
): string {
  return describeWritten(
    runsIn(entries, (digest) => plans.find((each) => each.digest === digest) ?? null),
    untold,
  );
}

const extractions = ids.filter((id) => id.startsWith('extract:'));
const firstExtraction = extractions[0] ?? '';

describe('[C15] what was written', () => {
  it('is nothing before a restore, and while only disks are compared, released and tried', () => {
    expect(told([])).toBe(nothingWritten);
    const wipe = ids.findIndex((id) => id.startsWith('wipe:'));
    expect(wipe).toBeGreaterThan(1);
    for (const id of ids.slice(0, wipe)) {
      expect(told(upTo(id, 'failed'))).toBe(nothingWritten);
      expect(told(upTo(id, 'begin'))).toBe(nothingWritten);
    }
  });

  it.each([
    ['uefi', uefiMachine()],
    ['bios', biosMachine()],
    ['bios with GPT', biosGptMachine()],
  ])('is never nothing once a step that destroys was begun, whichever it is (%s)', (_, layout) => {
    const whole = planOf(layout);
    const first = whole.steps.findIndex(({ destroys }) => destroys !== null);
    for (const [index, { id }] of whole.steps.entries())
      for (const state of ['begin', 'failed', 'done', 'skipped'] as const)
        expect(told(upTo(id, state, whole), [whole]).includes('Nothing was written'), `${id} ${state}`).toBe(
          index < first,
        );
  });

  it('grows with the journal: wiped, partitioned, made, filled', () => {
    const at = (id: string, state: JournalEntry['state']): string => told(upTo(id, state));
    expect(at('wipe:disk0', 'begin')).toBe('vda may be wiped.');
    expect(at('wipe:disk0', 'failed')).toBe('vda may be wiped.');
    expect(at('wipe:disk0', 'done')).toBe('vda was wiped.');
    expect(at('table:disk0', 'failed')).toBe('vda was wiped, perhaps partitioned.');
    expect(at('table:disk0', 'done')).toBe('vda was wiped and partitioned.');
    expect(at(firstExtraction, 'begin')).toMatch(/^vda was wiped and partitioned\. Filled in part: \/[a-z]*\.$/);
    expect(at(firstExtraction, 'done')).toMatch(/^vda was wiped and partitioned\. Filled: \/[a-z]*\.$/);
    const boot = ids.find((id) => id.startsWith('boot:')) ?? '';
    expect(at(boot, 'failed')).toMatch(/Filled: \/, .*\. Last: .*, not to its end\.$/);
    const all = upTo(ids.at(-1) ?? '', 'done');
    expect(told([...all, entry('restore', 'done')])).toBe(
      'The restore onto vda went to its end: all of it was written.',
    );
  });

  it('counts a file system that is made anew to go on as filled in part again', () => {
    const again = [...upTo(firstExtraction, 'done'), entry(firstExtraction, 'begin')];
    expect(told(again)).toContain('Filled in part: /');
    expect(told(again)).not.toContain('Filled: /');
  });

  it('is told of the attempt before, when the next one stops at its first check', () => {
    const next = planOf(uefiMachine(), targetDisk({ path: '/dev/vdb', name: 'vdb' }));
    const entries = [...upTo('table:disk0', 'failed'), ...upTo(next.steps[0]?.id ?? '', 'failed', next)];
    expect(told(entries, [plan, next])).toBe('By the restore before: vda was wiped, perhaps partitioned.');
    // The very same plan begun again, too.
    expect(told([...upTo('table:disk0', 'failed'), ...upTo(ids[0] ?? '', 'failed')])).toContain('vda was wiped');
    const more = [...upTo('table:disk0', 'failed'), ...upTo('wipe:disk0', 'done', next)];
    expect(told(more, [plan, next])).toBe('vdb was wiped. An earlier restore wrote to vda.');
    // Without its plan nobody knows which disk: but that one was written to.
    expect(told(more, [next])).toBe('vdb was wiped. An earlier restore wrote to a disk.');
    expect(told(upTo('wipe:disk0', 'begin'), [])).not.toContain('Nothing');
    expect(told(upTo(ids[0] ?? '', 'failed'), [])).toBe(nothingWritten);
  });

  it('is not known of a restore that a disk remembers and that cannot be told, until that disk is wiped anew', () => {
    expect(told([], [], ['/dev/vda2'])).toBe(
      `${nothingWritten} /dev/vda2 remembers a restore that did not end: what that one wrote is not known.`,
    );
    expect(told(upTo('table:disk0', 'done'), [plan], ['/dev/vda2'])).toBe('vda was wiped and partitioned.');
    expect(told(upTo('table:disk0', 'done'), [plan], ['/dev/vdb2'])).toContain('/dev/vdb2 remembers');
  });
});

describe('[C15] the record of what was written', () => {
  let work = '';
  let journal: Journal;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'written-'));
    journal = new Journal(join(work, 'journal'));
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  it('follows the journal as it grows, and the disks of plans that later ones replaced', () => {
    const record = new WrittenRecord(journal.path);
    expect(record.describe(null)).toBe(nothingWritten);
    keepForRecord(journal.path, plan);
    journal.adopt(upTo('wipe:disk0', 'done'));
    expect(record.describe(null)).toBe('vda was wiped.');
    journal.write(plan.digest, 'table:disk0', 'begin');
    expect(record.describe(plan)).toBe('vda was wiped, perhaps partitioned.');
    const next = planOf(uefiMachine(), targetDisk({ path: '/dev/vdb', name: 'vdb' }));
    keepForRecord(journal.path, next);
    journal.adopt(upTo('wipe:disk0', 'done', next));
    // Another engine, in the same start of the machine.
    expect(new WrittenRecord(journal.path).describe(next)).toBe('vdb was wiped. An earlier restore wrote to vda.');
  });

  it('leaves out a line that was cut short, for its step had not begun', () => {
    journal.adopt(upTo(ids[0] ?? '', 'done'));
    appendFileSync(journal.path, JSON.stringify(entry('wipe:disk0', 'begin')).slice(0, 40));
    expect(new WrittenRecord(journal.path).describe(plan)).toBe(nothingWritten);
  });

  it('says that it does not know where the journal cannot be read, or is none', () => {
    mkdirSync(join(work, 'folder'));
    expect(new WrittenRecord(join(work, 'folder')).describe(plan)).toMatch(/^What was written is not known: .*EISDIR/);
    journal.adopt(upTo(ids[0] ?? '', 'done'));
    appendFileSync(journal.path, '\0\0\0\0\n');
    expect(new WrittenRecord(journal.path).describe(plan)).toMatch(/^What was written is not known: .*lines/);
  });
});

describe('[C15] [C10] a disk that remembers a restore', () => {
  it.each([
    ['whose facts are none', 'facts', '{"set": "'],
    ['without a journal', 'facts', JSON.stringify(plan)],
    ['of another set', 'both', JSON.stringify(plan)],
    ['whose folder is empty', 'none', ''],
  ])('%s: what was written is not known', async (_, files, text) => {
    const work = mkdtempSync(join(tmpdir(), 'written-'));
    onTestFinished(() => rmSync(work, { recursive: true, force: true }));
    const kept = join(work, 'root', stateDirectory);
    mkdirSync(kept, { recursive: true });
    if (files !== 'none') writeFileSync(join(kept, stateFiles.facts), text);
    if (files === 'both')
      writeFileSync(join(kept, stateFiles.journal), `${JSON.stringify(entry('restore', 'begin'))}\n`);
    const image = join(work, 'image');
    await run(['truncate', '-s', '8M', image]);
    await run(['mkfs.ext4', '-q', '-d', join(work, 'root'), image]);
    const device = (await run(['losetup', '--show', '-f', image])).stdout.trim();
    onTestFinished(async () => void (await run(['losetup', '-d', device])));
    const untold: string[] = [];
    const plan = () => Promise.reject(new Error('nothing is planned'));
    const search = { set: sampleSet, manifest: 'ab'.repeat(32), plan, key: null };
    expect(await findInterrupted(search, [device], (one) => untold.push(one))).toBeNull();
    expect(untold).toEqual([device]);
  });
});
