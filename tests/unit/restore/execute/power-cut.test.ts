import { execFileSync } from 'node:child_process';
import { constants, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { run } from '../../../../common/run.ts';
import { stateDirectory } from '../../../../restore/execute/keep-place.ts';
import { newestLines } from '../../../../restore/execute/log.ts';
import type { Plan } from '../../../../restore/plan/step.ts';
import { ended, killAt, openEngine } from '../../../fixtures/interrupted.ts';
import { makeSmallSet, type SmallSet, sampleSet } from '../../../fixtures/small-set.ts';
import { describeTree, type FileSystem, planOfTwoDisks } from '../../../fixtures/two-disk-plan.ts';

const otherSet = '99999999-2222-4333-8444-555555555555';
let shared = '';
let set: SmallSet;

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'power-cut-'));
  execFileSync('sh', [
    '-ec',
    `mkdir -p ${shared}/root/etc ${shared}/root/home ${shared}/root/boot ${shared}/root/var/log ${shared}/home/anna ${shared}/home/boot; cd ${shared}
     for i in $(seq 20); do head -c 200000 /dev/urandom > root/etc/file-$i; head -c 400000 /dev/urandom > home/anna/file-$i; done
     ln root/etc/file-1 root/etc/linked; chmod 2751 home/anna; setfattr -n user.note -v hi home/anna/file-1
     touch -d 2001-02-03T04:05:06.7 root/etc root home/anna home`,
  ]);
  set = await makeSmallSet({
    work: shared,
    trees: [
      { source: join(shared, 'root'), mountPoint: '/', node: 'disk0:1' },
      { source: join(shared, 'home'), mountPoint: '/home', node: 'disk1:1' },
    ],
  });
}, 120_000);
afterAll(() => rmSync(shared, { recursive: true, force: true }));

interface Machine {
  work: string;
  devices: [string, string];
  plan: Plan;
}

async function attach(image: string, size: string): Promise<string> {
  await run(['truncate', '-s', size, image]);
  const device = (await run(['losetup', '--show', '-f', image])).stdout.trim();
  onTestFinished(async () => {
    await unmountAll(device);
    await run(['losetup', '-d', device]);
  });
  return device;
}

async function unmountAll(device: string): Promise<void> {
  await run(['umount', '--recursive', '--all-targets', device], { okExit: [0, 1, 32] });
}

/** The mount namespace of an engine that was killed goes a moment after it, and holds the file system until then. */
async function released(device: string): Promise<void> {
  const exclusively = async (): Promise<void> => (await open(device, constants.O_RDONLY | constants.O_EXCL)).close();
  await vi.waitFor(exclusively, { timeout: 120_000, interval: 100 });
}

async function machine(root: FileSystem): Promise<Machine> {
  const work = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'power-cut-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  const home = await attach(join(work, 'home.img'), '60M');
  const devices: [string, string] = [await attach(join(work, 'root.img'), root === 'xfs' ? '320M' : '120M'), home];
  mkdirSync(join(work, 'boot-1'));
  writeFileSync(join(work, 'boot-1/log'), '');
  return { work, devices, plan: planOfTwoDisks({ root, devices, work, archives: set.archives }) };
}

/** The disks come back as they are at this moment: what is only in memory is lost, no file system was unmounted. */
async function cutPower({ work, devices }: Machine, moment: string, plan: Plan): Promise<void> {
  const images = [join(work, 'root.img'), join(work, 'home.img')];
  await killAt(moment, set.directory(1), join(work, 'boot-1'), plan, async () => {
    for (const image of images) await run(['cp', '--sparse=always', image, `${image}.cut`]);
  });
  for (const device of devices) await released(device);
  // The same devices, for another test could take them meanwhile; what the kernel remembers of them goes.
  for (const image of images) await run(['cp', '--sparse=always', `${image}.cut`, image]);
  for (const device of devices) await run(['blockdev', '--flushbufs', device]);
}

async function digests(devices: readonly string[]): Promise<string> {
  return (await run(['sha256sum', ...devices])).stdout;
}

async function expectSame({ devices, work, plan }: Machine): Promise<void> {
  const at = join(work, 'look');
  mkdirSync(at);
  const mounting = plan.steps.find(({ id }) => id === 'mount:target')?.actions ?? [];
  const words = mounting.flatMap((action) =>
    action.type === 'run' && action.argv[0] === 'mount' ? [action.argv] : [],
  );
  for (const [index, name] of (['root', 'home'] as const).entries()) {
    const [, ...options] = (words[index] ?? []).slice(0, -2);
    await run(['mount', ...options, devices[index] ?? '', at]);
    try {
      expect(describeTree(at)).toBe(describeTree(join(shared, name)));
      // Written by a step that ended, and flushed by nobody but the journal.
      expect(readFileSync(join(at, 'boot/file'), 'utf8')).toBe('boots\n');
      if (name !== 'root') continue;
      expect(existsSync(join(at, stateDirectory))).toBe(false);
      expect(existsSync(join(at, 'var/log/rekindle/restored.json'))).toBe(true);
    } finally {
      await run(['umount', at]);
    }
  }
}

const cuts: [FileSystem, string][] = [
  ['ext4', 'bytes 7'],
  ['ext4', 'begin 9'],
  ['ext4', 'begin 10'],
  ['ext4', 'begin 11'],
  ['xfs', 'begin 10'],
  ['btrfs', 'begin 10'],
];

describe('[C10] after a power cut', () => {
  it.each(cuts)('with / on %s, at "%s", a new engine goes on, and the result is the same', async (root, moment) => {
    const here = await machine(root);
    await cutPower(here, moment, here.plan);
    const engine = await openEngine(set.directory(1), join(here.work, 'boot-2'), { plan: here.plan });
    expect(engine.state.phase).toBe('idle');
    const before = await digests(here.devices);
    await engine.lookOnDisks(here.devices);
    expect(await digests(here.devices)).toBe(before);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK468' } });
    const stopped = here.plan.steps[Number(moment.split(' ')[1])];
    expect(engine.state.continueAt).toBe(stopped?.title);
    await engine.continueRestore();
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null, warnings: [] });
    await expectSame(here);
  });

  it.each(['begin 5', 'bytes 6'])('at "%s", before / was there, nothing is said: it begins anew', async (moment) => {
    const here = await machine('ext4');
    await cutPower(here, moment, here.plan);
    const engine = await openEngine(set.directory(1), join(here.work, 'boot-2'), { plan: here.plan });
    await engine.lookOnDisks(here.devices);
    expect(engine.state).toMatchObject({ phase: 'idle', failure: null, plan: null, continueAt: null });
  });

  it('and another one while it went on, a third engine goes on', async () => {
    const here = await machine('ext4');
    await cutPower(here, 'bytes 7', here.plan);
    const second = await openEngine(set.directory(1), join(here.work, 'boot-2'), { plan: here.plan });
    await second.lookOnDisks(here.devices);
    // The boot loader fails: the machine is switched off instead.
    writeFileSync(join(here.work, 'no-boot-loader'), '');
    await second.continueRestore();
    await ended(second);
    expect(second.state).toMatchObject({ phase: 'failed', continueAt: 'boot:loader' });
    for (const device of here.devices.toReversed()) await unmountAll(device);
    for (const device of here.devices) await released(device);
    rmSync(join(here.work, 'no-boot-loader'));
    const third = await openEngine(set.directory(1), join(here.work, 'boot-3'), { plan: here.plan });
    await third.lookOnDisks(here.devices);
    expect(third.state).toMatchObject({ phase: 'failed', failure: { code: 'RK468' }, continueAt: 'boot:loader' });
    await third.continueRestore();
    await ended(third);
    expect(third.state).toMatchObject({ phase: 'restored' });
    await expectSame(here);
  });

  it('is said before anybody can choose something, and takes no plan away that was made meanwhile', async () => {
    const here = await machine('ext4');
    await cutPower(here, 'begin 10', here.plan);
    const phases = new Set<string>();
    const engine = await openEngine(set.directory(1), join(here.work, 'boot-2'), {
      ...{ plan: here.plan, devices: here.devices, phases },
    });
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK468' } });
    expect([...phases].filter((phase) => phase !== 'starting')).toEqual(['failed']);
    const other = await openEngine(set.directory(1), join(here.work, 'boot-3'), { plan: here.plan });
    const planned = { ...here.plan, digest: 'another' };
    other.state.plan = planned;
    await other.lookOnDisks(here.devices);
    expect(other.state).toMatchObject({ phase: 'idle', plan: planned });
  });

  it('is not offered for another set, for other disks, or when the plan was changed', async () => {
    const here = await machine('ext4');
    await cutPower(here, 'begin 10', here.plan);
    const look = async (name: string, plan = here.plan): Promise<string> => {
      const engine = await openEngine(set.directory(1), join(here.work, name), { plan });
      await engine.lookOnDisks(here.devices);
      expect(engine.state).toMatchObject({ phase: 'idle', plan: null, continueAt: null });
      return newestLines().join('\n');
    };
    const at = join(here.work, 'target');
    const kept = join(at, stateDirectory, 'restore.json');
    const change = async (text: (before: string) => string): Promise<void> => {
      await run(['mount', here.devices[0], at]);
      const before = readFileSync(kept, 'utf8');
      expect(text(before)).not.toBe(before);
      writeFileSync(kept, text(before));
      await run(['umount', at]);
      await released(here.devices[0]);
    };
    await change((text) => text.replace(sampleSet, otherSet));
    expect(await look('boot-2')).toContain(`of another set (${otherSet})`);
    await change((text) => text.replace(otherSet, sampleSet).replace('"sizeBytes":62914560', '"sizeBytes":62914561'));
    expect(await look('boot-3')).toContain(`but onto other disks: ${here.devices[1]} has 62.9 MB`);
    await change((text) => text.replace('"sizeBytes":62914561', '"sizeBytes":62914560'));
    const [first, ...others] = here.plan.steps;
    const steps = first === undefined ? others : [{ ...first, title: 'another' }, ...others];
    expect(await look('boot-4', { ...here.plan, steps })).toMatch(
      /but by another plan \([0-9a-f]{64}\) than this set's now/,
    );
    const engine = await openEngine(set.directory(1), join(here.work, 'boot-5'), { plan: here.plan });
    await engine.lookOnDisks(here.devices);
    expect(engine.state).toMatchObject({ phase: 'failed', unproven: null });
  });
});
