import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../../common/run.ts';
import type { Archive } from '../../../../restore/archive/set-schema.ts';
import { Engine } from '../../../../restore/execute/engine.ts';
import type { LayoutNode } from '../../../../restore/layout/schema.ts';
import { extractStep, type Place } from '../../../../restore/plan/fill.ts';
import type { Plan, Step } from '../../../../restore/plan/step.ts';
import { blankDevice, describeAll, mounted, saveThreeLevels, setId } from '../../../fixtures/chain-of-sets.ts';
import { clearFlags } from '../../../fixtures/difficult-tree.ts';
import { twoSmallSets } from '../../../fixtures/two-small-sets.ts';
import { targetDisk } from '../plan/machines.ts';

function temporary(): string {
  const work = mkdtempSync(join(tmpdir(), 'rekindle-engine-chain-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  return work;
}

function engineIn(work: string): Engine {
  return new Engine({
    medium: join(work, 'no-device'),
    journalFile: join(work, 'journal'),
    logFile: join(work, 'log'),
    onChange: () => undefined,
  });
}

/** The set as it lies on a medium, beside others. */
function putBeside(directory: string, medium: string): string {
  mkdirSync(join(medium, 'rekindle'), { recursive: true });
  const at = join(medium, 'rekindle', directory.split('/').at(-1) ?? '');
  renameSync(directory, at);
  return at;
}

async function ended(engine: Engine): Promise<void> {
  while (engine.state.phase === 'restoring') await sleep(50);
}

function planOf(set: string, steps: Step[]): Plan {
  return {
    set,
    digest: 'digest-1',
    targets: [{ source: 'disk0', disk: targetDisk({ path: '/dev/none', name: 'none' }) }],
    steps,
    warnings: [],
  };
}

/** As the planner makes it, for a file system that is there already. */
async function stepsFor(
  device: string,
  archive: Archive,
  before: { set: string; archive: Archive }[],
): Promise<Step[]> {
  const uuid = (await run(['blkid', '-p', '-s', 'UUID', '-o', 'value', device])).stdout.trim();
  const node: LayoutNode = {
    id: `test-${process.pid}-${archive.node}`,
    origin: { type: 'partition', disk: 'disk0', number: 1 },
    sizeBytes: 1,
    content: null,
    mount: null,
    usedBytes: null,
  };
  const mount = { type: 'ext4', options: 'noatime' };
  const content = { name: 'ext4', uuid, mount, rehearse: [], make: [], notes: [] };
  const place: Place = { node, device, archives: [archive], content };
  return [extractStep(place, archive, before)];
}

describe('an engine with an incremental set', () => {
  it('[B10] restores the chain: the base beside it, the full set from a stick that is put in when it is asked for', async () => {
    const work = temporary();
    const saved = await saveThreeLevels(work);
    const medium = join(work, 'medium');
    const [full, second, third] = saved.map(({ written }) => written.directory(1));
    const directory = putBeside(third ?? '', medium);
    putBeside(second ?? '', medium);
    const engine = engineIn(work);
    await engine.open(async () => directory);
    expect(engine.state.problem).toBeNull();
    expect(engine.state.chain).toMatchObject([
      { set: setId(0), name: 'the full set of web01 made 2026-11-20', here: false },
      { set: setId(1), name: 'the changes of web01 made 2026-11-21, level 1', here: true },
      { set: setId(2), here: true },
    ]);
    const search = engine.findSets();
    while (engine.state.wanted === null) await sleep(50);
    expect(engine.state.wanted.what).toBe('the full set of web01 made 2026-11-20');
    putBeside(full ?? '', join(work, 'stick'));
    await mounted(join(work, 'stick'), join(work, 'put-in'), ['--bind']);
    await search;
    expect(engine.state).toMatchObject({ wanted: null, problem: null, unverified: [] });
    expect(engine.state.chain.every(({ here }) => here)).toBe(true);

    const devices = [await blankDevice(work, 'target-0'), await blankDevice(work, 'target-1')];
    const steps: Step[] = [];
    for (const [index, device] of devices.entries()) {
      const archives = saved.map(({ written }) => written.archives[index]);
      const [first, changes, last] = archives;
      if (!first || !changes || !last) throw new Error('an archive is missing');
      const before = [
        { set: setId(0), archive: first },
        { set: setId(1), archive: changes },
      ];
      steps.push(...(await stepsFor(device, last, before)));
      steps.push(flags(device, last, join(work, `flags-${index}`)));
    }
    engine.state.plan = planOf(setId(2), steps);
    engine.start('digest-1', 'none');
    await ended(engine);
    expect(engine.state.failure).toBeNull();
    expect(engine.state.progress?.steps.every(({ bytesDone, bytesTotal }) => bytesDone === bytesTotal)).toBe(true);
    const roots: string[] = [];
    for (const [index, device] of devices.entries())
      roots.push(await mounted(device, join(work, `restored-${index}`), []));
    expect(describeAll(roots)).toEqual(saved[2].state);
    for (const root of roots) clearFlags(root);
  }, 300_000);

  it('[B10] [C8] verifies every set of the chain before the first step, and names the damaged one', async () => {
    const work = temporary();
    const { directories } = await twoSmallSets(work);
    const [full, changes] = directories.map((directory) => putBeside(directory, join(work, 'medium')));
    const file = join(full ?? '', 'archives/001-root.tar.zst');
    const bytes = readFileSync(file);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const engine = engineIn(work);
    await engine.open(async () => changes ?? '');
    engine.state.plan = planOf(setId(1), [
      { id: 'x', title: 'x', target: '', destroys: null, weightBytes: 0, actions: [touch(join(work, 'touched'))] },
    ]);
    engine.start('digest-1', 'none');
    await ended(engine);
    expect(engine.state.failure).toMatchObject({
      code: 'RK301',
      cause: expect.stringContaining('the full set of web01 made 2026-11-20: archives/001-root.tar.zst'),
    });
    expect(() => readFileSync(join(work, 'touched'))).toThrow();
  });

  it('[B10] says what is missing when it was given up, and asks again the next time', async () => {
    const work = temporary();
    const { directories } = await twoSmallSets(work);
    const engine = engineIn(work);
    const directory = putBeside(directories[1] ?? '', join(work, 'medium'));
    await engine.open(async () => directory);
    for (let time = 0; time < 2; time += 1) {
      const search = engine.findSets();
      search.catch(() => undefined);
      while (engine.state.wanted === null) await sleep(50);
      engine.skipVolume();
      await expect(search).rejects.toMatchObject({ code: 'RK314' });
      expect(engine.state.wanted).toBeNull();
      expect(engine.state.problem?.cause).toContain('the full set of web01 made 2026-11-20');
    }
  });

  it('[B10] [B11] opens sets that have different keys, one after the other', async () => {
    const work = temporary();
    const { directories, keys } = await twoSmallSets(work, true);
    const [, changes] = directories.map((directory) => putBeside(directory, join(work, 'medium')));
    const engine = engineIn(work);
    await engine.open(async () => changes ?? '');
    expect(engine.state).toMatchObject({ locked: true, problem: null });
    await engine.unlock({ kind: 'key', text: keys[1] ?? '' });
    expect(engine.state.locked).toBe(true);
    expect(engine.state.chain.map(({ locked }) => locked)).toEqual([true, false]);
    await expect(engine.unlock({ kind: 'key', text: keys[1] ?? '' })).rejects.toThrow();
    await engine.unlock({ kind: 'key', text: keys[0] ?? '' });
    expect(engine.state.locked).toBe(false);
    expect(await engine.verify()).toEqual([]);
  });
});

function touch(file: string): Step['actions'][number] {
  return { type: 'run', argv: ['touch', file] };
}

function flags(device: string, archive: Archive, at: string): Step {
  return {
    id: `flags:${archive.node}`,
    title: 'flags',
    target: '',
    destroys: null,
    weightBytes: 0,
    actions: [
      { type: 'mkdir', path: at, mode: 0o700 },
      { type: 'run', argv: ['mount', device, at] },
      { type: 'inode-flags', archive: archive.name, at },
      { type: 'run', argv: ['umount', at] },
    ],
  };
}
