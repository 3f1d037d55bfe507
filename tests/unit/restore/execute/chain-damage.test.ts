import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIndex } from '../../../../restore/archive/index/index-reader.ts';
import { accessAtHand, indexBytes, readFrames } from '../../../../restore/archive/open-archive.ts';
import type { Engine } from '../../../../restore/execute/engine.ts';
import type { Plan } from '../../../../restore/plan/step.ts';
import { mounted, setId } from '../../../fixtures/chain-of-sets.ts';
import { makeSmallSet, type SmallSet } from '../../../fixtures/small-set.ts';
import { ended, engineIn, flip, temporary, until } from '../../../fixtures/two-trees.ts';
import { targetDisk } from '../plan/machines.ts';

let shared = '';
const sets: SmallSet[] = [];
/** The full set once more, in volumes. */
let inVolumes: SmallSet;

/** What changed before each set. Every set has several frames of 4 MiB; the folders lie in the first one. */
const changes = [
  `mkdir -p folder/below; echo small > folder/below/small; for i in 1 2 3 4 5 6; do head -c 3000000 /dev/urandom > file-$i; done`,
  `mv folder moved; rm file-6; for name in file-2 new-1 new-2 new-3 new-4; do head -c 3000000 /dev/urandom > $name; done`,
  `for name in file-3 new-1; do head -c 3000000 /dev/urandom > $name; done; rm -r moved/below`,
];

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'rekindle-chain-damage-'));
  const source = join(shared, 'source');
  mkdirSync(source);
  for (const [level, script] of changes.entries()) {
    execFileSync('sh', ['-ec', script], { cwd: source });
    await sleep(1500); // older than the snapshot, by more than its margin
    const snapshot = (at: number): string => join(shared, `${at}.snar`);
    const createdAt = (at: number): string => `2026-11-2${at}T02:00:00.000Z`;
    const base = { set: setId(level - 1), createdAt: createdAt(level - 1), level: level - 1 };
    const save = (work: string, output: string, capacity?: number) =>
      makeSmallSet({
        work: join(shared, work),
        set: setId(level),
        createdAt: createdAt(level),
        lineage: { level, machineId: 'this', ...(level > 0 ? { base } : {}) },
        ...(capacity === undefined ? {} : { capacity }),
        trees: [
          {
            source,
            mountPoint: '/',
            node: 'disk0:1',
            fileSystem: 'f',
            snapshot: { base: level > 0 ? snapshot(level - 1) : null, output },
          },
        ],
      });
    sets.push(await save(`set-${level}`, snapshot(level)));
    if (level === 0) inVolumes = await save('in-volumes', join(shared, 'unused.snar'), 7_000_000);
  }
}, 120_000);
afterAll(() => rmSync(shared, { recursive: true, force: true }));

/** All three sets on one medium. @returns their directories */
function medium(work: string): string[] {
  return sets.map((set, level) => {
    const at = join(work, 'medium/rekindle', setId(level));
    cpSync(set.directory(1), at, { recursive: true });
    return at;
  });
}

/** Damages the frame in which the middle of that file lies. */
async function damage(directory: string, level: number, name: string): Promise<void> {
  const set = sets[level] as SmallSet;
  const archive = set.archives[0] as (typeof set.archives)[number];
  const access = accessAtHand(await set.open());
  let middle = Number.NaN;
  for await (const record of readIndex(indexBytes(access, archive)))
    if (record.kind === 'member' && record.path.toString() === name) middle = record.offset + (record.length >> 1);
  const table = await readFrames(access, archive);
  flip(join(directory, archive.parts[0]?.path ?? ''), table.place(table.frameAt(middle)).offset + 20);
}

async function opened(work: string, directory: string): Promise<Engine> {
  const engine = engineIn(work);
  await engine.open(async () => directory);
  expect(engine.state.problem).toBeNull();
  await engine.verify();
  await until(() => !['counting', undefined].includes(engine.state.salvage?.status));
  return engine;
}

function plan(work: string): Plan {
  const [full = '', first = '', last = ''] = sets.map(({ archives }) => archives[0]?.name);
  const at = join(work, 'target');
  const before = [
    { set: setId(0), archive: full },
    { set: setId(1), archive: first },
  ];
  const step = { title: 'x', target: '', destroys: null, weightBytes: 0 };
  return {
    set: setId(2),
    digest: 'digest-1',
    targets: [{ source: 'disk0', disk: targetDisk({ path: '/dev/none', name: 'none' }) }],
    steps: [
      {
        ...step,
        id: 'extract',
        actions: [
          { type: 'mkdir', path: at, mode: 0o700 },
          { type: 'extract', archive: last, before, at, device: '/dev/none' },
        ],
      },
      { ...step, id: 'log', actions: [{ type: 'copy-log', root: at }] },
    ],
    warnings: [],
  };
}

/** Paths that are not as they were when the last set was made; those that should not be there, too. */
function differing(work: string): string[] {
  const at = (name: string): string => join(name === 'target' ? work : shared, name);
  const script = `find . -path ./var -prune -o -type f -exec sha256sum {} + -o -type d -printf 'folder %p/\\n'`;
  const [is, must] = ['target', 'source'].map((name) =>
    execFileSync('sh', ['-ec', script], { cwd: at(name), encoding: 'utf8' })
      .trim()
      .split('\n'),
  ) as [string[], string[]];
  const lines = [...is.filter((line) => !must.includes(line)), ...must.filter((line) => !is.includes(line))];
  return [...new Set(lines.map((line) => line.replace(/^\S+ +\./, '')))].toSorted();
}

function listed(work: string): string[] {
  return readFileSync(join(work, 'target/var/log/rekindle/lost-files.txt'), 'utf8').trim().split('\n');
}

describe('a chain of sets of which one is damaged', () => {
  it.each([
    { level: 0, name: './file-4', also: [], what: 'the full set' },
    { level: 1, name: './new-3', also: ['comes back'], what: 'the changes after it' },
    { level: 2, name: './new-1', also: ['comes back'], what: 'the last changes' },
  ])('[C15] [B10] gives everything but the listed files: $what', async ({ level, name, also }) => {
    const work = temporary();
    const directories = medium(work);
    await damage(directories[level] ?? '', level, name);
    const engine = await opened(work, directories[2] ?? '');
    expect(engine.state.salvage).toMatchObject({ status: 'possible', reason: '' });
    const files = engine.state.salvage?.files ?? 0;
    expect(files).toBeGreaterThan(0);
    engine.state.plan = plan(work);
    engine.start('digest-1', `none without ${files} file${files === 1 ? '' : 's'}`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null, lost: { files } });
    const lines = listed(work);
    expect(lines.map((line) => line.replace(/ {2}\(.*/, '')).toSorted()).toEqual(differing(work));
    expect(lines.some((line) => line.startsWith(name.slice(1)))).toBe(true);
    for (const words of also) expect(lines.every((line) => line.includes(words))).toBe(true);
  });

  it('[C15] [B10] loses nothing where a later set has the files anew', async () => {
    const work = temporary();
    const directories = medium(work);
    // In the full set file-2 and file-3 are neighbours: both were saved again since.
    await damage(directories[0] ?? '', 0, './file-2');
    const engine = await opened(work, directories[2] ?? '');
    const files = engine.state.salvage?.first ?? [];
    expect(files.some((line) => /file-[23]/.test(line))).toBe(false);
  });

  it('[B3] [C15] [B10] gives a volume of the full set up after its cost was listed', async () => {
    const work = temporary();
    const directories = medium(work);
    rmSync(directories[0] ?? '', { recursive: true });
    expect(inVolumes.volumes).toBeGreaterThan(3);
    for (let number = 1; number <= inVolumes.volumes; number += 1)
      if (number !== 3)
        await mounted(join(shared, 'in-volumes', `volume-${number}`), join(work, `drive-${number}`), ['-o', 'bind,ro']);
    const engine = engineIn(work);
    await engine.open(async () => directories[2] ?? '');
    await engine.findSets();
    expect(engine.state.unverified).toEqual(['volume 3 of the full set of web01 made 2026-11-20']);
    engine.state.plan = plan(work);
    engine.start('digest-1', 'none unverified');
    await until(() => engine.state.wanted !== null);
    expect(engine.state.wanted).toMatchObject({ set: setId(0), volume: 3, restoring: true });
    await engine.countLoss();
    const files = engine.state.salvage?.files ?? 0;
    expect(engine.state.salvage).toMatchObject({
      status: 'possible',
      because: `${engine.state.wanted?.what} is given up`,
    });
    engine.skipVolume(`without ${files} file${files === 1 ? '' : 's'}`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null, lost: { files } });
    const lines = listed(work).map((line) => line.replace(/ {2}\(.*/, ''));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.toSorted()).toEqual(differing(work));
  });

  it('[C15] [B10] is refused where the lists of what was deleted are damaged', async () => {
    const work = temporary();
    const directories = medium(work);
    await damage(directories[1] ?? '', 1, './');
    const engine = await opened(work, directories[2] ?? '');
    expect(engine.state.salvage).toMatchObject({
      status: 'impossible',
      reason: 'what was deleted from / cannot be told any more: restore from an older set',
    });
    engine.state.plan = plan(work);
    expect(() => engine.start('digest-1', 'none')).toThrow(expect.objectContaining({ code: 'RK301' }));
  });

  it('[C15] [B10] does without the folders of the full set, which the changes have all', async () => {
    const work = temporary();
    const directories = medium(work);
    await damage(directories[0] ?? '', 0, './folder/');
    const engine = await opened(work, directories[2] ?? '');
    const files = engine.state.salvage?.files ?? 0;
    engine.state.plan = plan(work);
    engine.start('digest-1', `none without ${files} file${files === 1 ? '' : 's'}`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null });
    const lines = listed(work).map((line) => line.replace(/ {2}\(.*/, ''));
    // Its small file was moved with its folder and deleted later.
    expect(lines.toSorted()).toEqual(differing(work));
  });
});
