import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../../common/run.ts';
import type { Archive } from '../../../../restore/archive/set-schema.ts';
import type { Engine } from '../../../../restore/execute/engine.ts';
import { LossCount } from '../../../../restore/execute/loss-count.ts';
import { RestoreRun } from '../../../../restore/execute/restore-run.ts';
import { digestOf } from '../../../../restore/plan/digest.ts';
import { extractStep } from '../../../../restore/plan/fill.ts';
import type { Action, Plan, Step } from '../../../../restore/plan/step.ts';
import { ended, killAt, openEngine } from '../../../fixtures/interrupted.ts';
import { makeSmallSet, type SmallSet, sampleSet } from '../../../fixtures/small-set.ts';
import { targetDisk } from '../plan/machines.ts';

const uuid = '0f0f0f0f-1111-4222-8333-444444444444';
let shared = '';
let set: SmallSet;

beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'resume-'));
  const source = join(shared, 'source');
  execFileSync('sh', [
    '-ec',
    `mkdir -p ${source}/a/deep ${source}/b; cd ${source}; for i in $(seq 40); do head -c 400000 /dev/urandom > a/file-$i; done
     ln a/file-1 b/linked; ln -s ../a b/symbolic; echo x > a/deep/small; chmod 500 a/deep; chmod 2751 b; chown 12:34 b
     setfattr -n user.note -v hi a/deep/small; truncate -s 5M b/sparse; touch -d 2001-02-03T04:05:06.7 a a/deep b .`,
  ]);
  set = await makeSmallSet({ work: shared, trees: [{ source, mountPoint: '/', node: 'disk0:1' }] });
}, 120_000);
afterAll(() => rmSync(shared, { recursive: true, force: true }));

function describeFolder(at: string): string {
  const script = `find . -mindepth 1 -name lost+found -prune -o ! -path './var*' ! -name boot-file -printf '%P %y %m %U:%G %n %s %T@ %l\\n' | sed -E 's/^((\\S+) d \\S+ \\S+ \\S+) \\S+/\\1/' | sort
    find a b -type f -print0 | sort -z | xargs -0 sha256sum; getfattr -d -R a b 2> /dev/null`;
  return execFileSync('sh', ['-ec', script], { cwd: at, encoding: 'utf8' });
}

function step(id: string, actions: Action[]): Step {
  return { id, title: id, target: '', destroys: null, weightBytes: 0, actions };
}

/** All kinds of steps of a restore after the partitions were made; on a loop device. */
function planOn(device: string, work: string, archive: Archive): Plan {
  const node = {
    id: `disk0:1`,
    origin: { type: 'partition' as const, disk: 'disk0', number: 1 },
    sizeBytes: 1,
    content: null,
    mount: null,
    usedBytes: null,
  };
  const content = {
    name: 'ext4',
    uuid,
    mount: { type: 'ext4', options: 'noatime' },
    rehearse: [],
    make: [],
    notes: [],
  };
  const at = join(work, 'target');
  const extract = extractStep(
    { node: { ...node, id: `resume-${process.pid}` }, device, archives: [archive], content },
    archive,
  );
  const mount: Action[] = [
    { type: 'mkdir', path: at, mode: 0o700 },
    { type: 'run', argv: ['mount', device, at] },
    { type: 'assert-mounted', device, at, uuid },
  ];
  const steps: Step[] = [
    step('wipe:disk0', [{ type: 'run', argv: ['wipefs', '--all', device] }]),
    step('table:disk0', [{ type: 'run', argv: ['sleep', '0.2'] }]),
    step('make:disk0:1', [{ type: 'run', argv: ['mkfs.ext4', '-q', '-F', '-U', uuid, device] }]),
    { ...extract, id: 'extract:disk0:1' },
    step('mount:target', mount),
    step('boot', [{ type: 'run', argv: ['sh', '-c', `sleep 0.3; echo boots > ${at}/boot-file`] }]),
    step('log', [{ type: 'copy-log', root: at }]),
    step('unmount', [{ type: 'run', argv: ['umount', at] }]),
  ];
  const targets = [{ source: 'disk0', disk: targetDisk({ path: device, name: 'none' }) }];
  return { set: sampleSet, digest: digestOf(steps), targets, steps, warnings: [] };
}

async function prepare(): Promise<{ work: string; device: string; plan: Plan }> {
  const work = mkdtempSync(join(tmpdir(), 'resume-run-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  const image = join(work, 'disk.img');
  await run(['truncate', '-s', '80M', image]);
  const device = (await run(['losetup', '--show', '-f', image])).stdout.trim();
  onTestFinished(async () => {
    for (const at of [join(work, 'target'), `/mnt/alone/resume-${process.pid}`])
      await run(['umount', at], { okExit: [0, 1, 32] });
    await run(['losetup', '-d', device]);
  });
  const [archive] = set.archives;
  if (!archive) throw new Error('no archive');
  writeFileSync(join(work, 'log'), '');
  return { work, device, plan: planOn(device, work, archive) };
}

const reopened = (work: string): Promise<Engine> => openEngine(set.directory(1), work);

async function expectRestored(device: string, work: string): Promise<void> {
  const at = join(work, 'look');
  mkdirSync(at);
  await run(['mount', '-o', 'ro', device, at]).catch((error: unknown) => expect(error).toBeNull());
  try {
    expect(describeFolder(at)).toBe(describeFolder(join(shared, 'source')));
    expect(readFileSync(join(at, 'boot-file'), 'utf8')).toBe('boots\n');
    expect(existsSync(join(at, 'var/log/rekindle/restored.json'))).toBe(true);
  } finally {
    await run(['umount', at]);
  }
}

describe('an engine that was killed', () => {
  const moments = ['begin 2', 'begin 3', 'bytes 3', 'begin 4', 'begin 5', 'begin 6', 'begin 7'];
  it.each(moments)('[C10] at "%s" goes on after its restart, and the result is the same', async (moment) => {
    const { work, device, plan } = await prepare();
    await killAt(moment, set.directory(1), work, plan);
    const engine = await reopened(work);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK463' } });
    expect(engine.state.continueAt).toBeTruthy();
    engine.continueRestore();
    expect(() => engine.continueRestore()).toThrow(expect.objectContaining({ code: 'RK457' }));
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null, continueAt: null });
    expect(engine.state.progress?.steps.every(({ status }) => status === 'done')).toBe(true);
    await expectRestored(device, work);
  });

  it.each(['begin 0', 'begin 1'])(
    '[C10] at "%s", before the partitions are there, must begin anew (RK467)',
    async (moment) => {
      const { work, plan } = await prepare();
      await killAt(moment, set.directory(1), work, plan);
      const engine = await reopened(work);
      expect(engine.state).toMatchObject({ phase: 'failed', continueAt: null });
      expect(() => engine.continueRestore()).toThrow(expect.objectContaining({ code: 'RK467' }));
    },
  );

  it('[C10] goes on with no plan that was changed since, and with none of another set', async () => {
    const { work, plan } = await prepare();
    await killAt('begin 4', set.directory(1), work, plan);
    const kept = join(work, 'journal.plan');
    const text = readFileSync(kept, 'utf8');
    for (const changed of [text.replace('boots >', 'boots >>'), text.replaceAll(sampleSet, uuid), text.slice(1)]) {
      writeFileSync(kept, changed);
      expect((await reopened(work)).state.continueAt).toBeNull();
    }
    writeFileSync(kept, text);
    expect((await reopened(work)).state.continueAt).toBe('mount:target');
  });

  it('[C10] is not offered any more once something else was planned, and is when it is planned again', async () => {
    const { work, plan } = await prepare();
    await killAt('begin 4', set.directory(1), work, plan);
    const { state } = await reopened(work);
    const restore = new RestoreRun({
      ...{ medium: work, journalFile: join(work, 'journal'), logFile: join(work, 'log'), state },
      losses: new LossCount(state, join(work, 'lost'), () => undefined),
      ...{ secrets: new Map(), forgetSecrets: () => undefined, changed: () => undefined },
      ...{ verify: async () => [], forgetVerification: () => undefined },
    });
    restore.planned({ ...plan, steps: plan.steps.slice(1), digest: digestOf(plan.steps.slice(1)) });
    expect(state).toMatchObject({ phase: 'failed', continueAt: null, skippable: null });
    restore.planned(plan);
    expect(state).toMatchObject({ phase: 'failed', continueAt: 'mount:target' });
  });
});

describe('a step that failed', () => {
  it('[C10] is tried again when its cause is gone', async () => {
    const { work, device, plan } = await prepare();
    // The boot loader cannot be written, until somebody makes room.
    const steps = plan.steps.map((each) =>
      each.id === 'boot'
        ? step('boot', [{ type: 'run', argv: ['test', '-e', join(work, 'cause-is-gone')] }, ...each.actions])
        : each,
    );
    const engine = await reopened(work);
    engine.state.plan = { ...plan, steps, digest: digestOf(steps) };
    engine.start(engine.state.plan.digest, 'none');
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK003' }, continueAt: 'boot' });
    appendFileSync(join(work, 'cause-is-gone'), '');
    engine.continueRestore();
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null });
    await expectRestored(device, work);
  });

  it('[C10] is tried again although it left something mounted in the target', async () => {
    const { work, device, plan } = await prepare();
    const inside = join(work, 'target/a');
    const script = `test -e ${work}/cause-is-gone || { mount --bind /proc ${inside}; exit 1; }`;
    const steps = plan.steps.flatMap((each) =>
      each.id === 'boot' ? [step('boot:grub', [{ type: 'run', argv: ['sh', '-c', script] }]), each] : [each],
    );
    const engine = await reopened(work);
    engine.state.plan = { ...plan, steps, digest: digestOf(steps) };
    engine.start(engine.state.plan.digest, 'none');
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'failed', continueAt: 'boot:grub' });
    appendFileSync(join(work, 'cause-is-gone'), '');
    engine.continueRestore();
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null });
    await expectRestored(device, work);
  });
});
