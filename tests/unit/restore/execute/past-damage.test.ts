import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { accessAtHand, readFrames } from '../../../../restore/archive/open-archive.ts';
import type { Archive } from '../../../../restore/archive/set-schema.ts';
import { Engine } from '../../../../restore/execute/engine.ts';
import type { Action, Plan } from '../../../../restore/plan/step.ts';
import { makeSmallSet, type SmallSet, sampleSet } from '../../../fixtures/small-set.ts';
import { targetDisk } from '../plan/machines.ts';

/** Two file systems of random files, some 14 MB each, in volumes of 7 MB and in one piece. */
let shared = '';
let whole: SmallSet;
let inVolumes: SmallSet;
const trees = ['root', 'home'] as const;
const mountPoints = { root: '/', home: '/home' } as const;

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'past-damage-'));
  for (const tree of trees) {
    const at = join(shared, tree);
    execFileSync('sh', [
      '-ec',
      `mkdir -p ${at}/etc/deep; cd ${at}; for i in $(seq 12); do head -c 1200000 /dev/urandom > file-$i; done
       ln file-3 etc/linked; ln -s file-3 etc/symbolic; echo small > etc/deep/small; chmod 751 etc/deep; touch -d 2001-02-03 etc/deep etc .`,
    ]);
  }
  const options = {
    trees: trees.map((tree, index) => ({
      source: join(shared, tree),
      mountPoint: mountPoints[tree],
      node: `disk0:${index + 1}`,
    })),
  };
  whole = await makeSmallSet({ work: join(shared, 'whole'), ...options });
  inVolumes = await makeSmallSet({ work: join(shared, 'volumes'), capacity: 7_000_000, ...options });
}, 120_000);
afterAll(() => rmSync(shared, { recursive: true, force: true }));

function temporary(): string {
  const work = mkdtempSync(join(tmpdir(), 'past-damage-run-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  return work;
}

function engineIn(work: string): Engine {
  const logFile = join(work, 'log');
  writeFileSync(logFile, '');
  return new Engine({
    medium: join(work, 'no-device'),
    journalFile: join(work, 'journal'),
    logFile,
    onChange: () => undefined,
  });
}

/** Extracts both into folders, then keeps the log as the last step does. */
function planInto(work: string, archives: readonly Archive[]): Plan {
  const actions: Action[] = archives.flatMap(({ name, mountPoint }, index): Action[] => {
    const at = join(work, `target-${trees[index]}`);
    return [
      { type: 'mkdir', path: at, mode: 0o700 },
      { type: 'extract', archive: name, at, device: mountPoint },
    ];
  });
  const step = (id: string, some: Action[]) => {
    return { id, title: id, target: '', destroys: null, weightBytes: 0, actions: some };
  };
  return {
    set: sampleSet,
    digest: 'digest-1',
    targets: [{ source: 'disk0', disk: targetDisk({ path: '/dev/none', name: 'none' }) }],
    steps: [step('extract', actions), step('log', [{ type: 'copy-log', root: join(work, 'target-root') }])],
    warnings: [],
  };
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(file, bytes);
}

async function ended(engine: Engine): Promise<void> {
  while (engine.state.phase === 'restoring') await sleep(20);
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 60_000) throw new Error('it never happened');
    await sleep(20);
  }
}

/** Everything below a folder with what must come back of it. */
function describeFolder(at: string): Map<string, string> {
  const script = `find . -path ./var -prune -o -type d -printf '%P/ %m %U:%G %T@\\n' -o -type l -printf '%P -> %l\\n'; find . -path ./var -prune -o -type f -print0 | xargs -0 sha256sum`;
  const lines = execFileSync('sh', ['-ec', script], { cwd: at, encoding: 'utf8' }).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const file = /^([0-9a-f]{64}) {2}\.\/(.+)$/.exec(line);
      return file ? [`/${file[2]}`, file[1] ?? ''] : [`/${line.split(' ')[0]}`, line];
    }),
  );
}

/** What of a tree did not come back as it was. The log's folder is new. */
function differing(work: string, tree: (typeof trees)[number]): string[] {
  const found = describeFolder(join(work, `target-${tree}`));
  const differences = [...describeFolder(join(shared, tree))].filter(([path, what]) => found.get(path) !== what);
  return differences.map(([path]) => path).filter((path) => path !== '//' || tree !== 'root');
}

/** The list's paths below a mount point. */
function listed(file: string, mountPoint: string): string[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const isHome = (path: string): boolean => path.startsWith('/home/');
  const paths = lines
    .map((line) => line.replace(/ {2}\(.*/, ''))
    .filter((path) => isHome(path) === (mountPoint !== '/'));
  // Of a folder only its own attributes are lost, of which these trees have none.
  const files = paths.filter((path) => !path.endsWith('/'));
  return files.map((path) => (mountPoint === '/' ? path : path.slice(mountPoint.length)));
}

describe('a damaged medium', () => {
  it('[C15] gives everything else when the loss was typed: exactly the listed files are missing, and it says so', async () => {
    const work = temporary();
    const directory = join(work, 'set');
    cpSync(whole.directory(1), directory, { recursive: true });
    const [root] = whole.archives;
    if (!root) throw new Error('no archive');
    const table = await readFrames(accessAtHand(await whole.open()), root);
    flip(join(directory, root.parts[0]?.path ?? ''), table.place(2).offset + 20);
    const engine = engineIn(work);
    await engine.open(async () => directory);
    await engine.verify();
    await until(() => engine.state.salvage?.status === 'possible');
    const files = engine.state.salvage?.files ?? 0;
    expect(files).toBeGreaterThan(0);
    engine.state.plan = planInto(work, whole.archives);
    expect(() => engine.start('digest-1', 'none')).toThrow(expect.objectContaining({ code: 'RK465' }));
    expect(() => engine.start('digest-1', `none without ${files + 1} files`)).toThrow(
      expect.objectContaining({ code: 'RK455' }),
    );
    engine.start('digest-1', `none without ${files} files`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null, lost: { files } });
    const kept = join(work, 'target-root/var/log/rekindle');
    expect(JSON.parse(readFileSync(join(kept, 'restored.json'), 'utf8'))).toMatchObject({ lost: files });
    const lost = listed(join(kept, 'lost-files.txt'), '/');
    expect(lost.length).toBeGreaterThan(0);
    expect(differing(work, 'root').toSorted()).toEqual(lost.toSorted());
    expect(differing(work, 'home')).toEqual([]);
  });

  it('[C15] [C8] that is damaged more when it starts than was agreed to is refused before the first step', async () => {
    const work = temporary();
    const directory = join(work, 'set');
    cpSync(whole.directory(1), directory, { recursive: true });
    const [root, home] = whole.archives;
    const file = (archive: Archive | undefined): string => join(directory, archive?.parts[0]?.path ?? '');
    flip(file(root), 5_000_000);
    const engine = engineIn(work);
    await engine.open(async () => directory);
    engine.state.plan = planInto(work, whole.archives);
    engine.start('digest-1', 'none');
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK301' }, lost: null });
    const files = engine.state.salvage?.files ?? 0;
    flip(file(home), 5_000_000);
    engine.start('digest-1', `none without ${files} files`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK466' } });
    expect(() => readdirSync(join(work, 'target-root'))).toThrow();
    expect(engine.state.salvage?.files).toBeGreaterThan(files);
    // Damaged after it was verified: found while it streams, and no silent loss.
    await engine.verify();
    flip(file(root), 9_000_000);
    engine.start('digest-1', `none without ${engine.state.salvage?.files} files`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK308' } });
  });

  it.each([
    ['the index', (archive: Archive) => archive.index.path, 'the list of what is in /'],
    ['rd-base', () => 'rd-base.squashfs', 'the rescue system itself is damaged'],
  ])('[C15] [F2] with damage in %s is refused, with the reason', async (_what, path, words) => {
    const work = temporary();
    const directory = join(work, 'set');
    cpSync(whole.directory(1), directory, { recursive: true });
    const [root] = whole.archives;
    if (!root) throw new Error('no archive');
    flip(join(directory, path(root)), 50);
    const engine = engineIn(work);
    await engine.open(async () => directory);
    await engine.verify();
    await until(() => engine.state.salvage?.status === 'impossible');
    expect(engine.state.salvage?.reason).toContain(words);
    engine.state.plan = planInto(work, whole.archives);
    for (const typed of ['none', 'none without 0 files'])
      expect(() => engine.start('digest-1', typed)).toThrow(expect.objectContaining({ code: 'RK301' }));
  });

  it('[C15] with damage only where no restore reads needs a consent, and loses nothing', async () => {
    const work = temporary();
    const directory = join(work, 'set');
    cpSync(whole.directory(1), directory, { recursive: true });
    const [root] = whole.archives;
    const file = join(directory, root?.parts[0]?.path ?? '');
    flip(file, statSync(file).size - 2); // the table of frames
    const engine = engineIn(work);
    await engine.open(async () => directory);
    await engine.verify();
    await until(() => engine.state.salvage?.status === 'possible');
    engine.state.plan = planInto(work, whole.archives);
    engine.start('digest-1', 'none without 0 files');
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', lost: { files: 0 } });
    for (const tree of trees) expect(differing(work, tree)).toEqual([]);
  });
});

describe('a volume that cannot be had', () => {
  it('[B3] [C15] is given up after its cost was listed: all files of the other volumes come back', async () => {
    const work = temporary();
    expect(inVolumes.volumes).toBeGreaterThan(3);
    const medium = join(work, 'medium/rekindle');
    mkdirSync(medium, { recursive: true });
    // All volumes but the second lie on the medium, one beside the other: as several drives would show them.
    const engine = engineIn(work);
    const roots = Array.from({ length: inVolumes.volumes }, (_, index) => index + 1).filter((number) => number !== 2);
    const mounts = roots.map((number) => {
      const at = join(work, `drive-${number}`);
      mkdirSync(at);
      execFileSync('mount', ['-o', 'bind,ro', join(shared, 'volumes', `volume-${number}`), at]);
      return at;
    });
    onTestFinished(() => {
      for (const at of mounts) execFileSync('umount', ['-l', at]);
    });
    await engine.open(async () => join(mounts[0] ?? '', 'rekindle', basename(inVolumes.directory(1))));
    expect(engine.state).toMatchObject({ problem: null });
    expect(engine.state.unverified).toContain('volume 2');
    engine.state.plan = planInto(work, inVolumes.archives);
    engine.start('digest-1', 'none unverified');
    await until(() => engine.state.wanted !== null);
    expect(engine.state.wanted).toMatchObject({ volume: 2, restoring: true });
    await engine.countLoss();
    expect(engine.state.salvage).toMatchObject({ status: 'possible', because: 'volume 2 is given up' });
    const files = engine.state.salvage?.files ?? 0;
    expect(files).toBeGreaterThan(1);
    expect(() => engine.skipVolume('without 1 file')).toThrow(expect.objectContaining({ code: 'RK455' }));
    engine.skipVolume(`without ${files} files`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null, lost: { files } });
    const list = join(work, 'target-root/var/log/rekindle/lost-files.txt');
    for (const tree of trees)
      expect(differing(work, tree).toSorted()).toEqual(listed(list, mountPoints[tree]).toSorted());
  });

  it('[B3] that is given up without consent stops the restore', async () => {
    const work = temporary();
    const engine = engineIn(work);
    const directory = join(work, 'set');
    cpSync(inVolumes.directory(1), directory, { recursive: true });
    const open = engine.open(async () => directory);
    await until(() => engine.state.wanted !== null);
    engine.skipVolume();
    await open;
    expect(engine.state.problem?.code).toBe('RK314');
  });
});
