// Runs in the lab: a restore of LVM on LUKS stops in its middle, everything is closed as by a power cut, and a new engine goes on.
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { reportOf } from '../../../common/errors/error.ts';
import { run } from '../../../common/run.ts';
import { Engine } from '../../../restore/execute/engine.ts';
import { newestLines, openLog } from '../../../restore/execute/log.ts';
import { planDigest } from '../../../restore/plan/digest.ts';
import type { Plan, Step } from '../../../restore/plan/step.ts';
import { makeSmallSet, type SmallSet } from '../../fixtures/small-set.ts';
import type { Facts } from './facts.ts';
import { stackShell } from './stack-shell.ts';
import { capture, factsWhileOpen, mountAll, openDevices } from './stack-source.ts';
import { recipes, type StackRecipe } from './stacks.ts';

export interface CutResult {
  source: Facts;
  restored: Facts;
  /** Ids of the steps that the first engine ran, and of those that the second one did. */
  before: string[];
  after: string[];
  /** What the second engine said as it started. */
  failure: string | undefined;
  continueAt: string | null;
  wanted: string[];
  /** Error codes: going on without the passphrase, with a wrong one. */
  refusals: string[];
  phase: string;
  /** Whether what failed its proof was mounted at the end. */
  mounted: boolean;
  leftOpen: string[];
  differences: string;
  log: string[];
}

const passphrase = 'chosen for the restore';
const [recipe] = recipes as [StackRecipe];
const [source = '', target = ''] = [0, 1].map((index) => realpathSync(`/dev/disk/by-id/virtio-disk${index}`));
const obstacle = '/tmp/obstacle';

async function openEngine(boot: string, set: SmallSet): Promise<Engine> {
  mkdirSync(`/tmp/${boot}`, { recursive: true });
  const engine = new Engine({
    medium: '/tmp',
    journalFile: `/tmp/${boot}/journal`,
    logFile: '/tmp/log',
    onChange: () => undefined,
  });
  await engine.open(
    async () => set.directory(1),
    () => engine.lookOnDisks([1, 2, 3].map((number) => `${target}${number}`)),
  );
  return engine;
}

async function ended(engine: Engine): Promise<void> {
  while (engine.state.phase === 'restoring') await sleep(50);
}

/** Stops between the files of /boot and those of /. */
function withObstacle(plan: Plan): Plan {
  const at = plan.steps.findLastIndex(({ id }) => id.startsWith('extract:'));
  const step: Step = {
    ...{ id: 'obstacle', title: 'pass the obstacle', target: 'all', destroys: null, weightBytes: 0 },
    actions: [{ type: 'run', argv: ['test', '!', '-e', obstacle] }],
  };
  const changed = { ...plan, steps: [...plan.steps.slice(0, at), step, ...plan.steps.slice(at)] };
  return { ...changed, digest: planDigest(changed) };
}

const stepsIn = (from: number): string[] =>
  newestLines()
    .slice(from)
    .flatMap((line) => /\d+\/\d+ (.*) \(/.exec(line)?.[1] ?? []);

/** Nothing of a restore is open any more. */
async function switchOff(): Promise<void> {
  await stackShell('vg vgchange -qq -an vg0; dmsetup remove_all', [target]);
}

async function refusal(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    return reportOf(error).code;
  }
}

async function tryCut(): Promise<CutResult> {
  openLog('/tmp/log', () => console.log(newestLines().at(-1)));
  await stackShell(recipe.make, [source]);
  await mountAll(recipe, [source]);
  const layout = await capture([source]);
  for (const [from, to] of [
    ['/mnt/lab/.', '/tmp/root'],
    ['/mnt/lab/boot/.', '/tmp/boot'],
  ] as const)
    await run(['cp', '-ax', from, to]);
  const nodeAt = (at: string): string => layout.nodes.find(({ mount }) => mount?.at === at)?.id ?? '';
  const set = await makeSmallSet({
    work: '/tmp',
    layout,
    trees: [
      { source: '/tmp/root', mountPoint: '/', node: nodeAt('/') },
      { source: '/tmp/boot', mountPoint: '/boot', node: nodeAt('/boot') },
    ],
  });
  await run(['umount', '-R', '/mnt/lab']);
  await stackShell(recipe.close, [source]);
  const facts = await factsWhileOpen(recipe, [source]);

  const first = await openEngine('boot-1', set);
  const plan = withObstacle(await first.plan([{ source: layout.disks[0]?.id ?? '', disk: target }]));
  first.state.plan = plan;
  for (const { name } of plan.secrets ?? []) await first.secrets.give(name, passphrase);
  writeFileSync(obstacle, '');
  first.start(plan.digest, plan.targets[0]?.disk.name ?? '');
  await ended(first);
  const before = stepsIn(0);
  // The power goes: what was in memory is lost.
  await switchOff();
  rmSync('/tmp/boot-1', { recursive: true });
  rmSync(obstacle);

  const count = newestLines().length;
  const second = await openEngine('boot-2', set);
  const { failure, continueAt, continueSecrets = [] } = second.state;
  const refusals = [
    await refusal(() => second.continueRestore()),
    await refusal(() => second.secrets.give(continueSecrets[0] ?? '', 'another')),
  ];
  for (const name of continueSecrets) await second.secrets.give(name, passphrase);
  second.continueRestore();
  await ended(second);
  const { phase, mounted = false } = second.state;
  // Nothing here can boot: it is open and mounted for a person.
  await run(['umount', '-R', '/mnt/target']);
  await switchOff();
  const leftOpen = await openDevices();
  const restored = await factsWhileOpenAs(target);
  return {
    ...{ source: facts, restored, before, after: stepsIn(count), failure: failure?.code, continueAt },
    ...{
      wanted: continueSecrets,
      refusals,
      phase,
      mounted,
      leftOpen,
      differences: await differences(),
      log: newestLines(),
    },
  };
}

const withPassphrase = (script: string): string =>
  script.replaceAll("printf 'correct horse'", `printf '${passphrase}'`);

function factsWhileOpenAs(disk: string): Promise<Facts> {
  return factsWhileOpen({ ...recipe, open: withPassphrase(recipe.open) }, [disk]);
}

/** Files of the saved trees that came back otherwise. */
async function differences(): Promise<string> {
  await stackShell(withPassphrase(recipe.open), [target]);
  const script = `mkdir -p /mnt/look; mount -o ro ${recipe.mounts['/']} /mnt/look; mount -o ro ${target}2 /mnt/look/boot
    { diff -r --no-dereference /tmp/root /mnt/look; diff -r --no-dereference /tmp/boot /mnt/look/boot; } 2>&1 || true; umount -R /mnt/look`;
  const { stdout } = await run(['bash', '-ec', script]);
  await stackShell(recipe.close, [target]);
  return stdout;
}

writeFileSync(process.argv[2] ?? '/tmp/result', JSON.stringify(await tryCut()), { flag: 'r+' });
