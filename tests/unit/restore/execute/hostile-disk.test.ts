// A disk that says of itself that a restore was interrupted on it: root of the machine that is restored may have written that.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../../../common/run.ts';
import type { Engine } from '../../../../restore/execute/engine.ts';
import { stateDirectory } from '../../../../restore/execute/keep-place.ts';
import { newestLines } from '../../../../restore/execute/log.ts';
import type { Facts } from '../../../../restore/execute/remembered.ts';
import { Unattended } from '../../../../restore/execute/unattended.ts';
import { digestOf } from '../../../../restore/plan/digest.ts';
import { ended, type OpenOptions } from '../../../fixtures/interrupted.ts';
import {
  doneBefore,
  infectedMachine,
  type Machine,
  nameOfDisk,
  onDisk,
  plant,
  sealedFiles,
  startedOn,
} from '../../../fixtures/remembering-disk.ts';
import { makeSmallSet, type SmallSet } from '../../../fixtures/small-set.ts';

let shared = '';
let set: SmallSet;
beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'hostile-disk-'));
  mkdirSync(join(shared, 'root'));
  writeFileSync(join(shared, 'root/good'), 'good');
  set = await makeSmallSet({
    work: shared,
    trees: [{ source: join(shared, 'root'), mountPoint: '/', node: 'disk0:1' }],
  });
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));

async function filesOf({ device, work }: Machine): Promise<{ rootkit: boolean; good: boolean; loader: boolean }> {
  const there = { rootkit: false, good: false, loader: false };
  await onDisk(device, work, (root) => {
    const has = (name: string): boolean => existsSync(join(root, name));
    Object.assign(there, { rootkit: has('rootkit'), good: has('good'), loader: has('boot-loader') });
  });
  return there;
}

async function unattended(engine: Engine, { work, plan }: Machine): Promise<void> {
  const answer = 'countdown = 0\nafterwards = "menu"\n[[disk]]\nsource = "disk0"\nserial = "A"\n';
  writeFileSync(join(work, 'answer.toml'), answer);
  vi.spyOn(engine, 'listDisks').mockResolvedValue(plan.targets.map(({ disk }) => ({ ...disk, serial: 'A' })));
  const options = { medium: work, answerPath: 'answer.toml', power: () => undefined, lookForMarker: async () => null };
  await new Unattended({ engine, ...options }).run();
}

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });
const nothing = { phase: 'idle', plan: null, continueAt: null, failure: null };
const ways = ['attended', 'unattended'] as const;

describe('[C10] commands on a target disk', () => {
  it.each(ways)('are never run, %s: neither a whole plan of its own nor steps among the facts', async (way) => {
    const here = await infectedMachine(set);
    const pwned = join(here.work, 'pwned');
    const steps = here.plan.steps.map((step) =>
      step.id === 'boot:loader'
        ? { ...step, actions: [{ type: 'run' as const, argv: ['touch', pwned] as [string, string] }] }
        : step,
    );
    const own = { ...here.plan, steps, digest: digestOf(steps) };
    const journal = doneBefore(own, 'boot:loader').map((entry) => ({ ...entry, plan: own.digest }));
    const [facts] = sealedFiles(here.facts, [], null);
    await onDisk(here.device, here.work, (root) => {
      plant(root, [
        JSON.stringify({ ...JSON.parse(facts), steps }),
        journal.map((each) => JSON.stringify(each)).join('\n'),
      ]);
      writeFileSync(join(root, stateDirectory, 'plan.json'), JSON.stringify(own));
    });
    const engine = await startedOn(here);
    expect(engine.state).toMatchObject(nothing);
    expect(newestLines().join('\n')).toContain(`${here.device} has a /${stateDirectory} that is none of ours`);
    if (way === 'attended') expect(() => engine.continueRestore(nameOfDisk)).toThrow(code('RK467'));
    else await unattended(engine, here);
    expect(existsSync(pwned)).toBe(false);
    const isAnew = way === 'unattended';
    expect(await filesOf(here)).toEqual({ rootkit: !isAnew, good: isAnew, loader: isAnew });
  });
});

describe('[C10] a journal on a target disk that nothing proves', () => {
  const planted = async (here: Machine, key: Buffer | null): Promise<void> =>
    onDisk(here.device, here.work, (root) =>
      plant(root, sealedFiles(here.facts, doneBefore(here.plan, 'boot:loader'), key)),
    );

  it('is gone on with only when the name of the disk is typed', async () => {
    const here = await infectedMachine(set);
    await planted(here, null);
    const engine = await startedOn(here);
    const unproven = { at: '2026-11-20T02:00:00.000Z', locked: false };
    expect(engine.state).toMatchObject({
      phase: 'failed',
      failure: { code: 'RK490' },
      continueAt: 'boot:loader',
      unproven,
    });
    expect(engine.state.failure?.cause).toContain('boot:loader');
    for (const typed of ['', 'y', nameOfDisk.toUpperCase()])
      expect(() => engine.continueRestore(typed)).toThrow(code('RK455'));
    expect(engine.state.phase).toBe('failed');
    // Without the name nothing of it counts: an engine that starts again asks again.
    expect((await startedOn(here)).state.unproven).toEqual(unproven);
    engine.continueRestore(nameOfDisk);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', unproven: null });
    expect(await filesOf(here)).toMatchObject({ loader: true, rootkit: true });
  });

  it('is not gone on with when nobody is there: it begins anew', async () => {
    const here = await infectedMachine(set);
    await planted(here, null);
    const engine = await startedOn(here);
    await unattended(engine, here);
    expect(engine.state).toMatchObject({ phase: 'restored', problem: null });
    expect(await filesOf(here)).toEqual({ rootkit: false, good: true, loader: true });
  });

  it("has left nothing out with anybody's consent", async () => {
    const here = await infectedMachine(set);
    const entries = doneBefore(here.plan, 'boot:loader').map((entry) =>
      entry.step === 'mount:target' ? { ...entry, state: 'skipped' as const } : entry,
    );
    const skipped = [
      ...entries,
      { at: '2026-11-20T02:00:00.000Z', plan: '', step: 'boot:loader', state: 'skipped' as const },
    ];
    await onDisk(here.device, here.work, (root) => plant(root, sealedFiles(here.facts, skipped, null)));
    const { state } = await startedOn(here);
    expect(state).toMatchObject({ continueAt: 'mount:target', skipped: [], skippable: null });
  });

  it('is one that another medium sealed, or this one where it has no key, or one whose facts were changed', async () => {
    const here = await infectedMachine(set);
    await planted(here, here.key);
    expect((await startedOn(here)).state).toMatchObject({ failure: { code: 'RK468' }, unproven: null });
    expect((await startedOn(here, { seal: 'other' })).state).toMatchObject({ failure: { code: 'RK490' } });
    expect((await startedOn(here, { seal: null })).state).toMatchObject({ failure: { code: 'RK490' } });
    const asked: NonNullable<OpenOptions['asked']> = [];
    const [facts, journal] = sealedFiles(here.facts, doneBefore(here.plan, 'boot:loader'), here.key);
    const changed = facts.replace('"format":1', '"format":1,"sizes":{"larger":"fill"}');
    await onDisk(here.device, here.work, (root) => plant(root, [changed, journal]));
    expect((await startedOn(here, { asked })).state).toMatchObject({ failure: { code: 'RK490' } });
    expect(asked).toMatchObject([{ targets: [{ source: 'disk0', disk: nameOfDisk }], sizes: { larger: 'fill' } }]);
  });
});

describe('[C10] a journal that this medium sealed', () => {
  /** What an engine offers to go on with. */
  async function offered(here: Machine, files: readonly [string, string]): Promise<string | null> {
    await onDisk(here.device, here.work, (root) => plant(root, files));
    const { state } = await startedOn(here);
    if (state.continueAt !== null) expect(state.unproven).toBeNull();
    return state.continueAt;
  }

  it('counts up to the first entry that was changed, put in or left out', async () => {
    const here = await infectedMachine(set);
    const [facts, journal] = sealedFiles(here.facts, doneBefore(here.plan, 'log'), here.key);
    const lines = journal.trimEnd().split('\n');
    expect(await offered(here, [facts, journal])).toBe('log');
    const [short] = [lines.slice(0, -1)];
    expect(await offered(here, [facts, short.join('\n')])).toBe('boot:loader');
    const forged = JSON.stringify({ ...JSON.parse(lines.at(-1) ?? ''), step: 'unmount' });
    expect(await offered(here, [facts, [...short, forged].join('\n')])).toBe('boot:loader');
    const without = lines.filter((line) => !line.includes('mount:target'));
    expect(await offered(here, [facts, without.join('\n')])).toBe('mount:target');
    // A power cut tore the last one.
    expect(await offered(here, [facts, [...short, (lines.at(-1) ?? '').slice(0, 40)].join('\n')])).toBe('boot:loader');
  });

  it('is none of this restore when it is of another set, manifest, disk or request', async () => {
    const here = await infectedMachine(set);
    const others: [Partial<Facts>, string][] = [
      [{ set: '99999999-2222-4333-8444-555555555555' }, 'but of another set'],
      [{ manifest: '0'.repeat(64) }, 'but of a set with this id and another manifest'],
      [{ plan: '0'.repeat(64) }, 'but by another plan'],
    ];
    const [target] = here.facts.targets;
    if (target === undefined) throw new Error('no target');
    for (const other of [
      { serial: 'ANOTHER' },
      { wwn: '0x5000' },
      { sizeBytes: target.sizeBytes + 512 },
      { source: 'disk1' },
    ])
      others.push([{ targets: [{ ...target, ...other }] }, 'but onto other disks']);
    others.push([{ targets: [target, { ...target, source: 'disk1' }] }, 'but onto other disks']);
    for (const [change, words] of others) {
      const facts = { ...here.facts, ...change };
      expect(await offered(here, sealedFiles(facts, doneBefore(here.plan, 'log'), here.key))).toBeNull();
      expect(newestLines().at(-1)).toContain(words);
    }
  });

  it('names no step that the plan does not have', async () => {
    const here = await infectedMachine(set);
    const entries = doneBefore(here.plan, 'boot:loader').map((entry) => ({
      ...entry,
      step: entry.step === 'extract:disk0:1' ? '../extract' : entry.step,
    }));
    expect(await offered(here, sealedFiles(here.facts, entries, here.key))).toBe('extract:disk0:1');
  });

  it('is not gone on with where the disk was made anew meanwhile', async () => {
    const here = await infectedMachine(set);
    const files = sealedFiles(here.facts, doneBefore(here.plan, 'log'), here.key);
    await run(['mkfs.ext4', '-q', '-F', here.device]);
    expect(await offered(here, files)).toBeNull();
    expect(newestLines().at(-1)).toMatch(/but not all that it made is there: \S+ has the UUID [0-9a-f-]{36}, not /);
  });
});
